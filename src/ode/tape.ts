import type { VectorField } from '../field/vector-field.js'
import { type StageRecord, wholeStepsOf } from '../field/whole-steps.js'
import type { StageAddresses } from '../kernel/network.js'
import { firstTableau, type Method, stiffTableau } from './method.js'
import type { Tableau } from './tableau.js'

/** One accepted step: z at every stage and f there, enough to pull an adjoint back through it or to look inside it. */
export interface TapeStep {
  t: number
  h: number
  /**
   * When the stages at the end of the step are evaluated: t + h, or just before it when a stretch ends there, because f may jump
   * at an observation.
   */
  end: number
  method: Tableau
  /** Y_s, an array [d] a stage; Y_0 is the state at the start of the step. Those of the dense output come last. */
  readonly states: readonly Float64Array[]
  /** k_s = f(t + c_s h, Y_s), an array [d] a stage. */
  readonly slopes: readonly Float64Array[]
  /** What the field left of each evaluation for its vjp; empty arrays when it keeps nothing. */
  readonly kept: readonly Float64Array[]
  /** Where these arrays lie in the memory of the kernels, if they do. */
  readonly addresses?: StageAddresses | undefined
  /** Have the stages of the dense output been evaluated? */
  extended: boolean
}

/** When a stage with this c is evaluated. */
export function stageTime({ t, h, end }: TapeStep, c: number): number {
  return c === 1 ? end : t + c * h
}

/**
 * The accepted steps of a solve, in order. Steps are allocated once and used again after `rewind`, so a learner that sweeps
 * over windows of about the same length allocates nothing.
 */
export class Tape {
  readonly #method: Method
  readonly #dimension: number
  readonly #field: VectorField | undefined
  readonly #steps: TapeStep[] = []
  #length = 0

  /** @param field What is solved, if it keeps something of its evaluations. */
  constructor(method: Method, dimension: number, field?: VectorField) {
    this.#method = method
    this.#dimension = dimension
    this.#field = field
  }

  /** Number of accepted steps. */
  get length(): number {
    return this.#length
  }

  step(index: number): TapeStep {
    return this.#steps[index]!
  }

  /** The step to write next; it counts once `accept` is called. */
  get next(): TapeStep {
    return (this.#steps[this.#length] ??= this.#allocate())
  }

  accept(): void {
    this.#length++
  }

  /** Forgets the steps from `length` on. */
  rewind(length = 0): void {
    this.#length = length
  }

  #allocate(): TapeStep {
    const method = firstTableau(this.#method)
    const length = Math.max(method.dense.stages, stiffTableau(this.#method)?.dense.stages ?? 0)
    const arrays = (size: number) => Array.from({ length }, () => new Float64Array(size))
    const stages: StageRecord = (this.#field && wholeStepsOf(this.#field)?.createStages(length)) ?? {
      states: arrays(this.#dimension),
      slopes: arrays(this.#dimension),
      kept: arrays(this.#field?.keeps ?? 0),
    }
    const { states, slopes, kept, addresses } = stages
    return { t: 0, h: 0, end: 0, method, states, slopes, kept, addresses, extended: false }
  }
}
