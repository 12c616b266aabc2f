/** What has parameters of its own and is prepared before a sweep. */
interface Part {
  readonly parameters: Float64Array
  prepare?(): void
}

/** One vector of parameters for several parts: θ = [θ₁ | θ₂ | …]. */
export class Parts {
  /** Starts as the parts' own; whoever learns writes here, and `prepare` hands it on. */
  readonly parameters: Float64Array
  readonly #parts: readonly Part[]
  readonly #offsets: readonly number[]
  readonly #views = new WeakMap<Float64Array, readonly Float64Array[]>()

  constructor(parts: readonly Part[]) {
    let length = 0
    this.#parts = parts
    this.#offsets = parts.map(({ parameters }) => (length += parameters.length) - parameters.length)
    this.parameters = new Float64Array(length)
    parts.forEach(({ parameters }, k) => {
      this.parameters.set(parameters, this.#offsets[k]!)
    })
  }

  prepare(): void {
    const views = this.of(this.parameters)
    this.#parts.forEach((part, k) => {
      part.parameters.set(views[k]!)
      part.prepare?.()
    })
  }

  /** The part of each in a vector as long as θ; views, made once a vector. */
  of(vector: Float64Array): readonly Float64Array[] {
    const known = this.#views.get(vector)
    if (known) return known
    const views = this.#parts.map(({ parameters }, k) => {
      const offset = this.#offsets[k]!
      return vector.subarray(offset, offset + parameters.length)
    })
    this.#views.set(vector, views)
    return views
  }
}
