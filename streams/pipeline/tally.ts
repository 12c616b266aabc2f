import type { ErrorCode } from '../../src/errors.js'
import type { Estimate } from '../../src/estimate.js'
import type { Saved } from '../../src/saved.js'
import type { Section } from '../../src/section.js'
import type { Storable } from '../../src/storable.js'
import { type Accounting, accounting } from './accounting.js'
import type { Outgoing } from './outgoing.js'
import type { LearningCounts } from './pipeline-options.js'

/** What a run has counted, from its first start on: a checkpoint holds it. */
export class Tally implements Storable {
  /** Messages that came in, good or bad. */
  received = 0
  estimates = 0
  /** Estimates of what was predicted, but not learned. */
  skipped = 0
  /** Times that parameters went back to the last good ones, and values that were too surprising to be believed in full. */
  rollbacks = 0
  clipped = 0
  /** Keys whose learning is frozen. */
  readonly frozen = new Set<string>()
  /** Channels that are stuck, by key; only keys that have some. */
  readonly stuck = new Map<string, readonly number[]>()
  /** Messages put aside, by code. */
  readonly deadLetters = new Map<ErrorCode, number>()

  /** Counts a message to the sinks. */
  sent(outgoing: Outgoing): void {
    const { kind, key, skipped, guard, clipped = 0 } = outgoing
    if (kind === 'forecast') return
    this.estimates++
    if (skipped) this.skipped++
    this.clipped += clipped
    // The first frozen one of a key is the last time that its parameters went back.
    if (guard !== undefined && !this.frozen.has(key)) this.rollbacks++
    if (guard === 'frozen') this.frozen.add(key)
    this.#noteStuck(outgoing)
  }

  #noteStuck(outgoing: Outgoing): void {
    const { key, stuck = 0 } = outgoing
    if (stuck === 0) {
      if (this.stuck.size > 0) this.stuck.delete(key)
    } else if (this.stuck.get(key)?.length !== stuck) {
      // Of as many as before others may be meant: seldom, and until their number changes.
      const { stuck: channels = [] } = outgoing.message as Estimate
      this.stuck.set(key, channels)
    }
  }

  /** Counts messages that were put aside. */
  putAside(code: ErrorCode, count = 1): void {
    this.deadLetters.set(code, (this.deadLetters.get(code) ?? 0) + count)
  }

  /** @param queue Values that have come in and are not among the received yet, and those that a queue has lost, by code. */
  accounting(queue?: { readonly length: number; readonly lost: ReadonlyMap<ErrorCode, number> }): Accounting {
    const { received, estimates, skipped } = this
    const deadLetters = new Map(this.deadLetters)
    let before = queue?.length ?? 0
    for (const [code, count] of queue?.lost ?? []) {
      deadLetters.set(code, (deadLetters.get(code) ?? 0) + count)
      before += count
    }
    return accounting(received + before, { learned: estimates - skipped, skipped }, deadLetters)
  }

  /** How learning went. */
  get learning(): LearningCounts {
    const { rollbacks, clipped, frozen } = this
    let stuck = 0
    for (const channels of this.stuck.values()) stuck += channels.length
    return { rollbacks, frozen: frozen.size, clipped, stuck }
  }

  save(): Saved {
    const { received, estimates, skipped, rollbacks, clipped } = this
    const deadLetters = Object.fromEntries(this.deadLetters)
    const stuck = Array.from(this.stuck, ([key, channels]) => ({ key, channels: [...channels] }))
    return { received, estimates, skipped, rollbacks, clipped, frozen: [...this.frozen], stuck, deadLetters }
  }

  restore(saved: Section): void {
    this.received = saved.at('received').number
    this.estimates = saved.at('estimates').number
    this.skipped = saved.at('skipped').number
    const { fields } = saved
    // Earlier checkpoints do not have them.
    this.rollbacks = fields.get('rollbacks')?.number ?? 0
    this.clipped = fields.get('clipped')?.number ?? 0
    for (const key of fields.get('frozen')?.list ?? []) this.frozen.add(key.text)
    for (const one of fields.get('stuck')?.list ?? [])
      this.stuck.set(
        one.at('key').text,
        one.at('channels').list.map(channel => channel.number),
      )
    for (const [code, count] of saved.at('deadLetters').fields) this.deadLetters.set(code as ErrorCode, count.number)
  }
}
