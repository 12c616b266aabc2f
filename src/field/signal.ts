import { ContraflowError } from '../errors.js'
import { requireCount } from '../require-option.js'

/** What arrives, and how it is read between arrivals. */
export interface SignalOptions {
  /** m, numbers that arrive together. */
  readonly channels: number
  /** `hold`: the last value; `linear`; `cubic`: Hermite, with slopes that look back only. Default hold. */
  readonly between?: 'hold' | 'linear' | 'cubic'
  /** Arrivals remembered. Default 1024. */
  readonly capacity?: number
}

/**
 * A known signal u(t), of which values arrive now and then. Between two arrivals it is interpolated, behind the last one held:
 * what has not come yet is not used. Before the first it is the first.
 * @see Kidger et al. 2020, arXiv:2005.08926, and Morrill et al. 2021, arXiv:2106.11028, for controls that do not look ahead.
 */
export class Signal {
  /** m, numbers that arrive together. */
  readonly channels: number
  readonly #between: 'hold' | 'linear' | 'cubic'
  readonly #capacity: number
  readonly #times: number[] = []
  readonly #values: Float64Array[] = []

  constructor({ channels, between = 'hold', capacity = 1024 }: SignalOptions) {
    requireCount('channels', channels)
    requireCount('capacity', capacity)
    this.channels = channels
    this.#between = between
    this.#capacity = capacity
  }

  /** Takes an arrival, not earlier than the last; one at the same time replaces it. The oldest is forgotten when there are too many. */
  push(t: number, u: Float64Array): void {
    if (u.length !== this.channels)
      throw new ContraflowError('DIMENSION_MISMATCH', { received: `${u.length} values`, expected: `${this.channels}` })
    const last = this.#times.at(-1) ?? Number.NEGATIVE_INFINITY
    if (!(t >= last)) throw new ContraflowError('TIME_NOT_MONOTONE', { received: `t=${t} after t=${last}` })
    if (t === last) {
      this.#values.at(-1)!.set(u)
      return
    }
    this.#times.push(t)
    this.#values.push(u.slice())
    if (this.#times.length <= this.#capacity) return
    this.#times.shift()
    this.#values.shift()
  }

  /** u(t) [m]; zero before anything has arrived. */
  value(t: number, out: Float64Array): void {
    const k = this.#before(t)
    if (k < 0 || k === this.#times.length - 1 || this.#between === 'hold') out.set(this.#at(k))
    else this.#between === 'linear' ? this.#linear(k, t, out) : this.#cubic(k, t, out)
  }

  /** u'(t) [m], from the right where it jumps. */
  slope(t: number, out: Float64Array): void {
    const k = this.#before(t)
    out.fill(0)
    if (k < 0 || k === this.#times.length - 1 || this.#between === 'hold') return
    const [h, theta] = this.#place(k, t)
    const [u0, u1] = [this.#values[k]!, this.#values[k + 1]!]
    for (let j = 0; j < out.length; j++) {
      const secant = (u1[j]! - u0[j]!) / h
      if (this.#between === 'linear') out[j] = secant
      else {
        const [s0, s1] = [this.#backward(k, j), this.#backward(k + 1, j)]
        out[j] = 6 * theta * (1 - theta) * secant + (1 - theta) * (1 - 3 * theta) * s0 + theta * (3 * theta - 2) * s1
      }
    }
  }

  #linear(k: number, t: number, out: Float64Array): void {
    const [, theta] = this.#place(k, t)
    const [u0, u1] = [this.#values[k]!, this.#values[k + 1]!]
    for (let j = 0; j < out.length; j++) out[j] = u0[j]! + theta * (u1[j]! - u0[j]!)
  }

  #cubic(k: number, t: number, out: Float64Array): void {
    const [h, theta] = this.#place(k, t)
    const [u0, u1] = [this.#values[k]!, this.#values[k + 1]!]
    const rest = 1 - theta
    for (let j = 0; j < out.length; j++) {
      const ends = rest * rest * (1 + 2 * theta) * u0[j]! + theta * theta * (3 - 2 * theta) * u1[j]!
      out[j] = ends + h * theta * rest * (rest * this.#backward(k, j) - theta * this.#backward(k + 1, j))
    }
  }

  /** Slope at an arrival: towards the one before it. */
  #backward(k: number, channel: number): number {
    if (k === 0) return this.#backward(1, channel)
    return (this.#values[k]![channel]! - this.#values[k - 1]![channel]!) / (this.#times[k]! - this.#times[k - 1]!)
  }

  #place(k: number, t: number): [h: number, theta: number] {
    const h = this.#times[k + 1]! - this.#times[k]!
    return [h, (t - this.#times[k]!) / h]
  }

  #at(k: number): Float64Array {
    return this.#values[Math.max(0, k)] ?? new Float64Array(this.channels)
  }

  /** The last arrival at or before t; −1 when there is none. */
  #before(t: number): number {
    let [low, high] = [-1, this.#times.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#times[middle]! <= t) low = middle
      else high = middle
    }
    return low
  }
}
