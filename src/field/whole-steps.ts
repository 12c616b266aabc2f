import type { Stretch } from '../kernel/network.js'
import type { StepRecord } from '../kernel/step-record.js'
import type { StepCoefficients } from '../kernel/step-tableau.js'
import type { Stepper, StepperSettings } from '../kernel/stepper.js'

/** Two functions of a vector field, by identity. */
interface Calls {
  readonly evaluate: unknown
  readonly vjp: unknown
}

/**
 * Whole explicit steps at once, for fields that do that faster than stage after stage; the bits are the same. They do nothing, and say
 * so, for a method they cannot hold and for a record that a field of another shape has made.
 */
export interface WholeSteps {
  /** The functions these steps are made of. */
  readonly stands: Calls
  /** A record for one step of so many stages. Undefined when there is no room. */
  createRecord(stages: number): StepRecord | undefined
  /** Gives the memory of a record back; nobody may use its arrays any more. */
  release(record: StepRecord): void
  /** Makes one record follow the other. */
  link(first: StepRecord, second: StepRecord): void
  /** Makes a record the last: what followed it may go. */
  unlink(last: StepRecord): void
  /**
   * Evaluates the stages from `first` on, the record's times, Y_0 and, where `first` is 1, k_0 being in place.
   * @param end z at the end of the step, weighed by b. @returns false, nothing done, when it cannot.
   */
  attempt(record: StepRecord, method: StepCoefficients, first: 0 | 1, end: Float64Array): boolean
  /** What `advance` has to know of an integrator. Undefined when there is no room. */
  createStepper(settings: StepperSettings): Stepper | undefined
  /**
   * Takes steps with error control from z at `stepper.t`, record after record, up to the first thing out of the ordinary, which is
   * left to the caller: a record that has no follower, a step that collapses, a field that turns stiff.
   * @param z Is carried along. @returns Accepted steps; −1, nothing done, when it cannot.
   */
  advance(stepper: Stepper, record: StepRecord, method: StepCoefficients, z: Float64Array, stretch: Stretch): number
  /**
   * Pulls λ at the end of the step back through the stages down to `last`, adding to the gradient that is being gathered.
   * @param lambda Becomes λ at the start; at `last` = 1 but for the first stage. @param kappa κ of the first stage, for a vjp.
   * @returns The vjps made; −1, nothing done, when it cannot, or gathers another gradient.
   */
  pull(
    record: StepRecord,
    method: StepCoefficients,
    last: 0 | 1,
    lambda: Float64Array,
    kappa: Float64Array,
    atheta: Float64Array,
  ): number
  /** As `pull` down to 0, through this step and those before it, `count` in all. */
  pullBack(
    record: StepRecord,
    method: StepCoefficients,
    count: number,
    lambda: Float64Array,
    atheta: Float64Array,
  ): number
}

/** Those of a field, if it still is what they stand for: a field that was copied and given another `evaluate` is not. */
export function wholeStepsOf(field: Calls & { readonly wholeSteps?: WholeSteps }): WholeSteps | undefined {
  const steps = field.wholeSteps
  const own = steps?.stands.evaluate === field.evaluate && steps?.stands.vjp === field.vjp
  return own ? steps : undefined
}

/** What a field is asked for in bulk. */
interface InBulk {
  gather?(atheta: Float64Array): void
  settle?(): void
  readonly wholeSteps?: WholeSteps
}

/** The same in bulk for a field that does nothing but pass every call on to another one. @param own Its functions. */
export function passedOn(to: Calls & InBulk, own: Calls): InBulk {
  const steps = wholeStepsOf(to)
  return {
    gather: atheta => to.gather?.(atheta),
    settle: () => to.settle?.(),
    ...(steps && { wholeSteps: { ...steps, stands: own } }),
  }
}
