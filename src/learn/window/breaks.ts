/**
 * Tells the breaks of a stream, across which nothing is to be learned, from its long gaps. Gaps longer than `maxGap` are a break while
 * they are rare. Where more than one in twenty is, the stream comes in bursts, and where the one before was, it has become slower:
 * what it does in such gaps is part of what it does.
 */
export class Breaks {
  /** Share of long gaps among about the last hundred, and whether the last one was long. For checkpoints. */
  readonly state = Float64Array.of(0, 0)
  readonly #maxGap: number

  /** @param maxGap Typical gaps. */
  constructor(maxGap: number) {
    this.#maxGap = maxGap
  }

  /** Takes the next gap, in typical gaps. @returns Whether it is a break. */
  take(gap: number): boolean {
    const { state } = this
    const [share, last] = state as unknown as [number, number]
    const long = gap > this.#maxGap ? 1 : 0
    state[0] = share + (long - share) / MEMORY
    state[1] = long
    return long === 1 && last === 0 && share <= USUAL
  }
}

const MEMORY = 100
const USUAL = 1 / 20
