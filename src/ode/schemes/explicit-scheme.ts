import { copy } from '../../copy.js'
import type { VectorField } from '../../field/vector-field.js'
import { type WholeSteps, wholeStepsOf } from '../../field/whole-steps.js'
import { stageTime, type TapeStep } from '../solution/tape.js'
import type { Tableau } from '../tableau/tableau.js'
import { combine } from './combine.js'
import type { Scheme, StepStart } from './scheme.js'

/** The stages one after another, each made of those before it. */
export class ExplicitScheme implements Scheme {
  readonly method: Tableau
  evaluations = 0
  readonly jacobians = 0
  readonly #field: VectorField
  readonly #wholeSteps: WholeSteps | undefined

  constructor(field: VectorField, method: Tableau) {
    this.#field = field
    this.#wholeSteps = wholeStepsOf(field)
    this.method = method
  }

  begin(): void {
    // Explicit stages carry nothing from step to step.
  }

  attempt(step: TapeStep, z: Float64Array, end: Float64Array, start: StepStart): boolean {
    const { t, h, states, slopes, kept } = step
    const { stages, c, a, b, firstSameAsLast } = this.method
    const field = this.#field
    copy(z, states[0]!)
    this.evaluations += stages - (start === 'new' ? 0 : 1)
    if (step.record && this.#wholeSteps?.attempt(step.record, this.method, start === 'new' ? 0 : 1, end)) return true
    if (start === 'new') field.evaluate(t, states[0]!, slopes[0]!, kept[0])
    for (let s = 1; s < stages; s++) {
      combine(z, h, a, s * stages, s, slopes, states[s]!)
      field.evaluate(stageTime(step, c[s]!), states[s]!, slopes[s]!, kept[s])
    }
    if (firstSameAsLast) copy(states[stages - 1]!, end)
    else combine(z, h, b, 0, stages, slopes, end)
    return true
  }
}
