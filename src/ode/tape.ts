/** One accepted step: z at every stage and f there, enough to pull an adjoint back through it or to look inside it. */
export interface TapeStep {
  t: number
  h: number
  /** Y_s, S arrays [d]; Y_0 is the state at the start of the step. */
  readonly states: readonly Float64Array[]
  /** k_s = f(t + c_s h, Y_s), S arrays [d]. */
  readonly slopes: readonly Float64Array[]
}

/**
 * The accepted steps of a solve, in order. Steps are allocated once and used again after `rewind`, so a learner that sweeps
 * over windows of about the same length allocates nothing.
 */
export class Tape {
  readonly #stages: number
  readonly #dimension: number
  readonly #steps: TapeStep[] = []
  #length = 0

  constructor(stages: number, dimension: number) {
    this.#stages = stages
    this.#dimension = dimension
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
    const arrays = () => Array.from({ length: this.#stages }, () => new Float64Array(this.#dimension))
    return { t: 0, h: 0, states: arrays(), slopes: arrays() }
  }
}
