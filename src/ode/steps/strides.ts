import type { VectorField } from '../../field/vector-field.js'
import { type WholeSteps, wholeStepsOf } from '../../field/whole-steps.js'
import type { Stretch } from '../../kernel/network.js'
import type { Stepper, StepperSettings } from '../../kernel/stepper.js'
import type { ExplicitScheme } from '../schemes/explicit-scheme.js'
import type { Tape } from '../solution/tape.js'
import type { Tolerances } from './local-error.js'
import type { StepControl } from './step-control.js'
import { ALARM, CLEAR } from './stiffness-detector.js'

/** How far strides have led, in how many attempts, and whether the first slope of the step that comes next is known. */
export interface Progress {
  t: number
  attempts: number
  known: boolean
}

/**
 * Steps with error control by the field itself, many in one call. They are those of the integrator, bit for bit, and end before the
 * first that is out of the ordinary.
 */
export class Strides {
  readonly #field: WholeSteps
  readonly #scheme: ExplicitScheme
  readonly #settings: () => StepperSettings
  readonly #reached: Progress = { t: 0, attempts: 0, known: false }
  #stepper: Stepper | 'none' | undefined

  private constructor(field: WholeSteps, scheme: ExplicitScheme, settings: () => StepperSettings) {
    this.#field = field
    this.#scheme = scheme
    this.#settings = settings
  }

  /** Undefined for a field that steps stage by stage. */
  static of(
    field: VectorField,
    scheme: ExplicitScheme,
    control: StepControl,
    tolerances: Tolerances,
  ): Strides | undefined {
    const { method } = scheme
    const wholeSteps = wholeStepsOf(field)
    if (!wholeSteps || !method.adaptive) return undefined
    const { bError: weights, bErrorLow: weightsLow, firstSameAsLast, showsStiffness, stability } = method
    return new Strides(wholeSteps, scheme, () => ({
      ...tolerances,
      ...control.settings,
      ...{ weights, weightsLow, firstSameAsLast, showsStiffness, stability },
      ...{ alarm: ALARM, clear: CLEAR },
    }))
  }

  /**
   * @param state Of the integrator: the step to try next, ln of two errors, the two counts of the detector. @param z Is carried along.
   * @param known Is the first slope in the tape's next step? @returns Undefined, nothing done, when it cannot.
   */
  take(stretch: Stretch, z: Float64Array, tape: Tape, known: boolean, state: Float64Array): Progress | undefined {
    const { record } = tape.next
    const stepper = (this.#stepper ??= this.#field.createStepper(this.#settings()) ?? 'none')
    if (record === undefined || stepper === 'none') return undefined
    const { method } = this.#scheme
    for (let i = 0; i < stepper.state.length; i++) stepper.state[i] = state[i]!
    stepper.begin(stretch.from, known ? 1 : 0)
    const accepted = this.#field.advance(stepper, record, method, z, stretch)
    if (accepted < 0) return undefined
    for (let i = 0; i < stepper.state.length; i++) state[i] = stepper.state[i]!
    tape.acceptWritten(accepted, method)
    this.#scheme.evaluations += stepper.evaluations
    this.#reached.t = stepper.t
    this.#reached.attempts = stepper.attempts
    this.#reached.known = stepper.first === 1
    return this.#reached
  }
}
