import type { JumpVisitor, ObservedPath, Sweep } from './sweep.js'

/** The adjoint at one observation time: after = before + jump when the state does not jump. */
export interface Jump {
  /** Event time, seconds. */
  readonly t: number
  /** a(t⁺): what the later observations have injected, pulled back to here. */
  readonly before: number[]
  /** What this time injects [d]: Σ w_i ∂l_i/∂z, and what its update map changes. */
  readonly jump: number[]
  /** a(t⁻). */
  readonly after: number[]
}

/**
 * Writes down the jumps of a backward sweep, what they mean for the times of the observations, and whether a·f stayed constant
 * between them.
 */
export class JumpRecord implements JumpVisitor {
  readonly jumps: Jump[] = []
  /** ∂L/∂t_i = a⁻·f⁻ − a⁺·f⁺. */
  readonly times: number[]
  readonly #sweep: Sweep
  readonly #path: ObservedPath
  readonly #slope: Float64Array
  /** a·f just after the observation looked at, and just before the one looked at before it. */
  #afterwards = 0
  #behind = Number.NaN
  #largest = 0
  #change = 0

  constructor(sweep: Sweep, path: ObservedPath) {
    this.#sweep = sweep
    this.#path = path
    this.#slope = new Float64Array(sweep.field.dimension)
    this.times = new Array<number>(sweep.length).fill(0)
  }

  /** Null when it says nothing: f depends on time, or a is only known at the ends of steps. */
  get drift(): number | null {
    const { field, steppedOver } = this.#sweep
    if (field.timeDependent ?? true) return null
    return steppedOver ? null : this.#largest === 0 ? 0 : this.#change / this.#largest
  }

  before(index: number, a: Float64Array): void {
    const t = this.#path.time(index)
    if (this.#sweep.update.passive) {
      this.#sweep.slope(index, this.#slope)
      this.#afterwards = this.#along(a)
      this.#compare(this.#afterwards)
    } else this.#afterwards = this.arrive(t, this.#sweep.after(index), a)
    if (this.jumps.at(-1)?.t === t) return
    this.jumps.push({ t, before: Array.from(a), jump: [], after: [] })
  }

  after(index: number, a: Float64Array): void {
    if (!this.#sweep.update.passive) this.#sweep.slope(index, this.#slope)
    this.#behind = this.#along(a)
    this.times[index] = this.#behind - this.#afterwards
    const { t, before } = this.jumps.pop()!
    const after = Array.from(a)
    this.jumps.push({ t, before, jump: after.map((value, i) => value - before[i]!), after })
  }

  /** a·f(t, z), and what has become of it since the last jump. */
  arrive(t: number, z: Float64Array, a: Float64Array): number {
    this.#sweep.field.evaluate(t, z, this.#slope)
    const product = this.#along(a)
    this.#compare(product)
    return product
  }

  #compare(product: number): void {
    this.#largest = Math.max(this.#largest, Math.abs(product))
    if (!Number.isNaN(this.#behind)) this.#change = Math.max(this.#change, Math.abs(product - this.#behind))
    this.#behind = Number.NaN
  }

  #along(a: Float64Array): number {
    return this.#slope.reduce((sum, value, i) => sum + value * a[i]!, 0)
  }
}
