import { METHOD_NAMES, type MethodName } from '../names.js'
import { requireName } from '../require-option.js'
import { methods } from './methods/index.js'
import type { Tableau } from './tableau/tableau.js'

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

/**
 * The method to take when nobody knows whether the field is stiff: tsit5 until it is found to be, kvaerno5 until it is no longer. Both of
 * order 5; on a field that is not stiff it costs what tsit5 does.
 * @see Petzold 1983, doi:10.1137/0904010, for changing methods automatically; src/ode/methods.md for what it takes.
 */
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
