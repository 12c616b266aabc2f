import { METHOD_NAMES, type MethodName } from '../names.js'
import { requireName } from '../require-option.js'
import { methods } from './methods/index.js'
import type { Tableau } from './tableau.js'

/** Two methods and a rule: the explicit one steps until the field is found stiff, the implicit one until it no longer is. */
export interface SwitchingMethod {
  /** As `methodOf` knows it. */
  readonly name: string
  /** Explicit. */
  readonly nonstiff: Tableau
  /** L-stable. */
  readonly stiff: Tableau
}

/** What an integrator steps with. */
export type Method = Tableau | SwitchingMethod

/** tsit5 where the field is not stiff, kvaerno5 where it is. */
export const auto: SwitchingMethod = Object.freeze({
  name: 'auto',
  get nonstiff() {
    return methods.tsit5
  },
  get stiff() {
    return methods.kvaerno5
  },
})

/** The method of this name. @throws ContraflowError OPTION_INVALID for a name that none has. */
export function methodOf(name: MethodName): Method {
  requireName('method', name, METHOD_NAMES)
  return name === 'auto' ? auto : methods[name]
}

/** The tableau that a method begins with. */
export function firstTableau(method: Method): Tableau {
  return 'nonstiff' in method ? method.nonstiff : method
}

/** The tableau that it changes to on a stiff field. */
export function stiffTableau(method: Method): Tableau | undefined {
  return 'stiff' in method ? method.stiff : undefined
}
