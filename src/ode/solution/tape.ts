import type { VectorField } from '../../field/vector-field.js'
import { type WholeSteps, wholeStepsOf } from '../../field/whole-steps.js'
import type { StepRecord } from '../../kernel/step-record.js'
import { firstTableau, type Method, stiffTableau } from '../method.js'
import type { Tableau } from '../tableau/tableau.js'

/** One accepted step: z at every stage and f there, enough to pull an adjoint back through it or to look inside it. */
export interface TapeStep {
  /** When the step starts. */
  t: number
  /** Its length; negative backward in time. */
  h: number
  /**
   * When the stages at the end of the step are evaluated: t + h, or just before it when a stretch ends there, because f may jump
   * at an observation.
   */
  end: number
  /** What it was made with: a switching method changes on the way. */
  method: Tableau
  /** Y_s, an array [d] a stage; Y_0 is the state at the start of the step. Those of the dense output come last. */
  readonly states: readonly Float64Array[]
  /** k_s = f(t + c_s h, Y_s), an array [d] a stage. */
  readonly slopes: readonly Float64Array[]
  /** What the field left of each evaluation for its vjp; empty arrays when it keeps nothing. */
  readonly kept: readonly Float64Array[]
  /** These arrays and times, where they lie in the memory of the kernels. */
  readonly record?: StepRecord | undefined
  /** Have the stages of the dense output been evaluated? */
  extended: boolean
}

/** When a stage with this c is evaluated. */
export function stageTime({ t, h, end }: TapeStep, c: number): number {
  return c === 1 ? end : t + c * h
}

/** A step whose times lie in an array, as those of a record do. */
class WrittenStep implements TapeStep {
  method: Tableau
  extended = false
  readonly states: readonly Float64Array[]
  readonly slopes: readonly Float64Array[]
  readonly kept: readonly Float64Array[]
  readonly record: StepRecord | undefined
  readonly #times: Float64Array

  constructor(method: Tableau, arrays: StepArrays, record?: StepRecord) {
    this.method = method
    this.states = arrays.states
    this.slopes = arrays.slopes
    this.kept = arrays.kept
    this.record = record
    this.#times = arrays.times
  }

  get t(): number {
    return this.#times[0]!
  }
  set t(value: number) {
    this.#times[0] = value
  }
  get h(): number {
    return this.#times[1]!
  }
  set h(value: number) {
    this.#times[1] = value
  }
  get end(): number {
    return this.#times[2]!
  }
  set end(value: number) {
    this.#times[2] = value
  }
}

/** Rewinds between two looks at how much of a tape is used. */
const PERIOD = 1024

type StepArrays = Pick<StepRecord, 'times' | 'states' | 'slopes' | 'kept'>

/**
 * The accepted steps of a solve, in order. Steps are allocated once and used again after `rewind`, so a learner that sweeps
 * over windows of about the same length allocates nothing; what has not been needed for long is cut.
 */
export class Tape {
  readonly #method: Method
  readonly #dimension: number
  readonly #field: VectorField | undefined
  readonly #wholeSteps: WholeSteps | undefined
  readonly #steps: TapeStep[] = []
  #length = 0
  /** Since the last look: rewinds, and the most steps between two of them. */
  #rewinds = 0
  #most = 0

  /** @param field What is solved, if it keeps something of its evaluations. */
  constructor(method: Method, dimension: number, field?: VectorField) {
    this.#method = method
    this.#dimension = dimension
    this.#field = field
    this.#wholeSteps = field && wholeStepsOf(field)
  }

  /** Number of accepted steps. */
  get length(): number {
    return this.#length
  }

  /** An accepted step; valid until the tape is rewound. */
  step(index: number): TapeStep {
    return this.#steps[index]!
  }

  /** The step to write next; it counts once `accept` is called. */
  get next(): TapeStep {
    return (this.#steps[this.#length] ??= this.#allocate())
  }

  /** Makes `next` the last accepted step. */
  accept(): void {
    this.#length++
  }

  /** Counts steps of a method that were written into its records, one after the other. */
  acceptWritten(count: number, method: Tableau): void {
    for (let n = 0; n < count; n++) {
      const step = this.#steps[this.#length++]!
      step.method = method
      step.extended = false
    }
  }

  /** Forgets the steps from `length` on. */
  rewind(length = 0): void {
    this.#most = Math.max(this.#most, this.#length)
    this.#length = length
    if (++this.#rewinds === PERIOD) this.#trim()
  }

  /** Lets go of steps that nobody has needed for long: one window that took a thousand does not hold their memory for ever. */
  #trim(): void {
    const enough = Math.max(this.#length, Math.ceil(1.25 * this.#most))
    this.#most = 0
    this.#rewinds = 0
    if (enough === 0 || this.#steps.length <= enough) return
    for (const { record } of this.#steps.splice(enough)) if (record) this.#wholeSteps!.release(record)
    const last = this.#steps[enough - 1]!.record
    if (last) this.#wholeSteps!.unlink(last)
  }

  /**
   * Gives all memory back. That of the kernels would come back only once the garbage collector has run, and never within one turn of the
   * event loop. Arrays of its steps must not be used any more.
   */
  release(): void {
    for (const { record } of this.#steps) if (record) this.#wholeSteps?.release(record)
    this.#steps.length = 0
    this.#length = 0
  }

  #allocate(): TapeStep {
    const method = firstTableau(this.#method)
    const length = Math.max(method.dense.stages, stiffTableau(this.#method)?.dense.stages ?? 0)
    const record = this.#wholeSteps?.createRecord(length)
    if (record) {
      const before = this.#steps.at(-1)?.record
      if (before) this.#wholeSteps!.link(before, record)
      return new WrittenStep(method, record, record)
    }
    const arrays = (size: number) => Array.from({ length }, () => new Float64Array(size))
    const kept = arrays(this.#field?.keeps ?? 0)
    const times = new Float64Array(3)
    return new WrittenStep(method, { times, states: arrays(this.#dimension), slopes: arrays(this.#dimension), kept })
  }
}
