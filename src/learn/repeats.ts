import type { Estimate } from '../estimate.js'
import type { Saved } from '../saved.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'

/**
 * Tells values that are stuck: a channel has had exactly the same value for at least 40 observations, and for more than five times as many as it
 * usually repeats one, at most. What is usual is learned from the channel, from 20 changes on: slow signals of few digits repeat for
 * long. What was called stuck once is usual from the second time on.
 *
 * A channel that rests at the lowest or highest value it has had (a lamp that is off, a full tank) is not called stuck, and one that never moved
 * neither. Missing values change nothing. Looks at values only: learning does not depend on it. Seven numbers a channel.
 */
export class Repeats implements Storable {
  readonly #channels: ChannelRepeats[] = []
  #stuck: readonly number[] = NONE

  /** Counts an estimate in; what is not about the newest observation does not count. @returns Channels that are stuck, ascending; mostly none. */
  observe({ observed, revision }: Estimate): readonly number[] {
    if (revision) return this.#stuck
    let changed = false
    observed.forEach((value, j) => {
      this.#channels[j] ??= new ChannelRepeats()
      if (value !== null && this.#channels[j].observe(value)) changed = true
    })
    if (changed) this.#list()
    return this.#stuck
  }

  save(): Saved {
    return this.#channels.map(channel => channel.save())
  }

  restore(saved: Section): void {
    const channels = saved.list.map(channel => new ChannelRepeats(channel.doubles(7)))
    this.#channels.splice(0, this.#channels.length, ...channels)
    this.#list()
  }

  #list(): void {
    const stuck = this.#channels.flatMap((channel, j) => (channel.stuck ? [j] : []))
    this.#stuck = stuck.length === 0 ? NONE : stuck
  }
}

const NONE: readonly number[] = Object.freeze([])

/** Observations of the same value, changes before, and times the longest usual repeat, from which on a channel is stuck. */
const [LEAST, CHANGES, TIMES] = [40, 20, 5]

class ChannelRepeats {
  /** NaN before there was one. */
  #value = Number.NaN
  /** Observations that have had it, without a break. */
  #length = 0
  #changes = 0
  /** Longest repeat that is usual, and longest that was not. */
  #usual = 0
  #unusual = 0
  #lowest = Number.POSITIVE_INFINITY
  #highest = Number.NEGATIVE_INFINITY

  constructor(saved?: Float64Array) {
    if (saved === undefined) return
    this.#value = saved[0]!
    this.#length = saved[1]!
    this.#changes = saved[2]!
    this.#usual = saved[3]!
    this.#unusual = saved[4]!
    this.#lowest = saved[5]!
    this.#highest = saved[6]!
  }

  save(): Float64Array {
    const repeats = [this.#value, this.#length, this.#changes, this.#usual, this.#unusual]
    return Float64Array.of(...repeats, this.#lowest, this.#highest)
  }

  get stuck(): boolean {
    const isLong = this.#length >= LEAST && this.#length > TIMES * this.#usual && this.#changes >= CHANGES
    return isLong && this.#value > this.#lowest && this.#value < this.#highest
  }

  /** @returns Whether it is stuck now and was not, or the other way round. */
  observe(value: number): boolean {
    const before = this.stuck
    if (value === this.#value) this.#length++
    else {
      if (this.#length > 0) this.#end(before)
      this.#value = value
      this.#length = 1
      this.#lowest = Math.min(this.#lowest, value)
      this.#highest = Math.max(this.#highest, value)
    }
    return this.stuck !== before
  }

  /** A repeat has ended. */
  #end(stuck: boolean): void {
    this.#changes++
    if (!stuck) this.#usual = Math.max(this.#usual, this.#length)
    else {
      // A fault of the past shall not hide the next one; what comes again is no fault.
      this.#usual = Math.max(this.#usual, Math.min(this.#unusual, this.#length))
      this.#unusual = Math.max(this.#unusual, this.#length)
    }
  }
}
