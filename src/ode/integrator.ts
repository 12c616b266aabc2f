import { ContraflowError } from '../errors.js'
import type { VectorField } from '../field/vector-field.js'
import { errorNorm } from './error-norm.js'
import { initialStep } from './initial-step.js'
import { type Outcome, REACHED } from './outcome.js'
import { combine, explicitStages } from './stages.js'
import { StepControl, type StepControlOptions } from './step-control.js'
import type { Tableau } from './tableau.js'
import { Tape, type TapeStep } from './tape.js'

export interface IntegratorOptions {
  readonly method: Tableau
  /** Relative and absolute tolerance of the local error, by component. Default 1e-6 and 1e-9. */
  readonly rtol?: number
  readonly atol?: number
  /** Fixed steps of at most this length, equal between two stops; needed by methods without an error estimate. */
  readonly step?: number
  /** Steps allowed between two stops, rejected ones included. Default 10 000. */
  readonly maxSteps?: number
  readonly control?: StepControlOptions
}

/**
 * Carries a state from one time to another, landing on the end exactly, and keeps its step size for the next stretch.
 * Forward or backward in time. Allocates nothing once its tape has its length.
 */
export class Integrator {
  readonly field: VectorField
  readonly method: Tableau
  /** Evaluations of f so far. */
  evaluations = 0
  /** Magnitude of the step to try next; 0 when it has to be estimated first. */
  stepSize = 0
  readonly #options: { readonly rtol: number; readonly atol: number; readonly maxSteps: number; readonly order: number }
  readonly #fixedStep: number | undefined
  readonly #control: StepControl
  readonly #scratch: Tape
  /** Result and local error of the step tried last. */
  readonly #end: Float64Array
  readonly #error: Float64Array
  /** Is the first slope of the step to try next known? */
  #firstKnown = false

  constructor(field: VectorField, options: IntegratorOptions) {
    const { method, rtol = 1e-6, atol = 1e-9, step, maxSteps = 10_000 } = options
    checkOptions({ rtol, atol, step, maxSteps })
    if (!method.adaptive && step === undefined)
      throw new ContraflowError('OPTION_INVALID', {
        received: `method ${method.name} without step`,
        expected: 'a fixed step, because the method has no error estimate',
      })
    this.field = field
    this.method = method
    this.#options = { rtol, atol, maxSteps, order: method.order }
    this.#fixedStep = step
    this.#control = new StepControl(method.controlOrder, options.control)
    this.#scratch = this.createTape()
    this.#end = new Float64Array(field.dimension)
    this.#error = new Float64Array(field.dimension)
  }

  /** A tape of the right shape for `propagate`. */
  createTape(): Tape {
    return new Tape(this.method.stages, this.field.dimension)
  }

  /**
   * Integrates z [d] in place from `from` to `to`. Appends every accepted step to `tape` when there is one.
   * The first slope is always evaluated anew: what happened at `from` may have changed z or f.
   * @returns How it ended; z is the last accepted state. Equal times change nothing and cost nothing.
   */
  propagate(from: number, to: number, z: Float64Array, tape?: Tape): Outcome {
    if (from === to) return REACHED
    this.#firstKnown = false
    return this.#fixedStep === undefined
      ? this.#adaptive(from, to, z, tape)
      : this.#fixed(from, to, z, this.#fixedStep, tape)
  }

  #fixed(from: number, to: number, z: Float64Array, step: number, tape: Tape | undefined): Outcome {
    const count = Math.max(1, Math.ceil(Math.abs(to - from) / step - 1e-9))
    if (!(count <= this.#options.maxSteps)) return { kind: 'budget-spent', t: from, steps: this.#options.maxSteps }
    let t = from
    for (let n = 1; n <= count; n++) {
      const end = n === count ? to : from + (n / count) * (to - from)
      this.#attempt(t, end - t, z, tape)
      if (!this.#end.every(Number.isFinite)) return { kind: 'not-finite', t }
      this.#accept(z, tape)
      t = end
    }
    return REACHED
  }

  #adaptive(from: number, to: number, z: Float64Array, tape: Tape | undefined): Outcome {
    const { rtol, atol, maxSteps } = this.#options
    const direction = to > from ? 1 : -1
    // A step size that does not move the time is as good as none.
    if (from + direction * this.stepSize === from) this.#estimateStep(from, direction, z, tape)
    let t = from
    for (let steps = 0; steps < maxSteps; steps++) {
      const remaining = Math.abs(to - t)
      const h = fitStep(this.stepSize, remaining)
      if (t + direction * h === t) return this.#collapsed(t, 0)
      this.#attempt(t, h === remaining ? to - t : direction * h, z, tape)
      const error = errorNorm(this.#error, z, this.#end, rtol, atol)
      if (!(error <= 1)) {
        this.stepSize = h * Math.min(1, this.#control.factor(error))
        if (this.stepSize <= smallestStep(t)) return this.#collapsed(t, error)
        continue
      }
      this.#adapt(h, error)
      this.#accept(z, tape)
      if (h === remaining) return REACHED
      t += direction * h
    }
    return { kind: 'budget-spent', t, steps: maxSteps }
  }

  /** A step cut short to land says little about the next: it may lengthen what was planned, not shorten it. */
  #adapt(h: number, error: number): void {
    const proposed = h * this.#control.factor(error)
    const cutShort = h < this.stepSize
    this.stepSize = cutShort ? Math.max(this.stepSize, proposed) : proposed
    if (!cutShort) this.#control.remember(error)
  }

  #estimateStep(t: number, direction: number, z: Float64Array, tape: Tape | undefined): void {
    const slope = this.#record(tape).slopes[0]!
    this.field.evaluate(t, z, slope)
    this.stepSize = Math.max(initialStep(this.field, { t, z, slope }, direction, this.#options), smallestStep(t))
    this.evaluations += 2
    this.#firstKnown = true
  }

  #attempt(t: number, h: number, z: Float64Array, tape: Tape | undefined): void {
    const step = this.#record(tape)
    step.t = t
    step.h = h
    this.evaluations += explicitStages(this.field, this.method, z, step, this.#firstKnown)
    this.#firstKnown = true
    const { stages, b, bError, adaptive, firstSameAsLast } = this.method
    if (firstSameAsLast) this.#end.set(step.states[stages - 1]!)
    else combine(z, h, b, 0, stages, step.slopes, this.#end)
    if (adaptive) weightedError(h, bError, step.slopes, this.#error)
  }

  #accept(z: Float64Array, tape: Tape | undefined): void {
    z.set(this.#end)
    const last = this.#record(tape)
    tape?.accept()
    this.#firstKnown = this.method.firstSameAsLast
    if (this.#firstKnown) this.#record(tape).slopes[0]!.set(last.slopes[this.method.stages - 1]!)
  }

  #record(tape: Tape | undefined): TapeStep {
    return (tape ?? this.#scratch).next
  }

  #collapsed(t: number, error: number): Outcome {
    const h = this.stepSize
    this.stepSize = 0
    return error < Infinity ? { kind: 'step-underflow', t, h } : { kind: 'not-finite', t }
  }
}

/** The step to take when `remaining` is left: land rather than leave a sliver, halve rather than leave a short rest. */
function fitStep(planned: number, remaining: number): number {
  if (planned >= remaining * 0.99) return remaining
  return planned * 2 > remaining ? remaining / 2 : planned
}

/** Below 16 units in the last place of t a step no longer changes it. */
function smallestStep(t: number): number {
  return 16 * Number.EPSILON * Math.max(Math.abs(t), Number.MIN_VALUE / Number.EPSILON)
}

function weightedError(h: number, bError: Float64Array, slopes: readonly Float64Array[], out: Float64Array): void {
  for (let i = 0; i < out.length; i++) {
    let sum = 0
    for (let s = 0; s < bError.length; s++) sum += bError[s]! * slopes[s]![i]!
    out[i] = h * sum
  }
}

function checkOptions(options: { rtol: number; atol: number; step: number | undefined; maxSteps: number }): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (value > 0 && value < Infinity)) continue
    throw new ContraflowError('OPTION_INVALID', {
      received: `${name}: ${value}`,
      expected: `a positive, finite ${name}`,
    })
  }
}
