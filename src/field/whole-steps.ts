import type { StageAddresses } from '../kernel/network.js'
import type { StepCoefficients } from '../kernel/step-tableau.js'

/** The stages of a step: Y_s and k_s [d], and what evaluations leave for their vjps. */
export interface StageRecord {
  readonly states: readonly Float64Array[]
  readonly slopes: readonly Float64Array[]
  readonly kept: readonly Float64Array[]
  /** Where the arrays lie, when `createStages` of a field on kernels made them. */
  readonly addresses?: StageAddresses | undefined
}

/** A step of this record from t to t + h; stages with c = 1 are evaluated at `end`. */
export interface StepRecord extends StageRecord {
  readonly t: number
  readonly h: number
  readonly end: number
}

/** Two functions of a vector field, by identity. */
interface Calls {
  readonly evaluate: unknown
  readonly vjp: unknown
}

/** Whole explicit steps at once, for fields that do that faster than stage after stage; the bits are the same. */
export interface WholeSteps {
  /** The functions these steps are made of. */
  readonly stands: Calls
  /** Arrays for the stages of one step, the only ones the others work on. Undefined when there is no room. */
  createStages(count: number): StageRecord | undefined
  /**
   * Evaluates the stages from `first` on, Y_0 (and k_0, where `first` is 1) being in place.
   * @param end z at the end of the step, weighed by b. @returns false, nothing done, when it cannot with this record or method.
   */
  attempt(step: StepRecord, method: StepCoefficients, first: 0 | 1, end: Float64Array): boolean
  /**
   * Pulls λ at the end of the step back through the stages down to `last`, adding to the gradient that is being gathered.
   * @param lambda Becomes λ at the start; at `last` = 1 but for the first stage. @param kappa κ of the first stage, for a vjp.
   * @returns The vjps made; −1, nothing done, when it cannot with this record or method, or gathers another gradient.
   */
  pull(
    step: StepRecord,
    method: StepCoefficients,
    last: 0 | 1,
    lambda: Float64Array,
    kappa: Float64Array,
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
