import type { ErrorCode } from '../src/errors.js'
import type { Saved } from '../src/saved.js'
import type { Section } from '../src/section.js'
import type { Storable } from '../src/storable.js'
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
  /** Messages put aside, by code. */
  readonly deadLetters = new Map<ErrorCode, number>()

  /** Counts a message to the sinks. */
  sent({ kind, key, skipped, guard, clipped = 0 }: Outgoing): void {
    if (kind === 'forecast') return
    this.estimates++
    if (skipped) this.skipped++
    this.clipped += clipped
    // The first frozen one of a key is the last time that its parameters went back.
    if (guard !== undefined && !this.frozen.has(key)) this.rollbacks++
    if (guard === 'frozen') this.frozen.add(key)
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
    return { rollbacks, frozen: frozen.size, clipped }
  }

  save(): Saved {
    const { received, estimates, skipped, rollbacks, clipped } = this
    const deadLetters = Object.fromEntries(this.deadLetters)
    return { received, estimates, skipped, rollbacks, clipped, frozen: [...this.frozen], deadLetters }
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
    for (const [code, count] of saved.at('deadLetters').fields) this.deadLetters.set(code as ErrorCode, count.number)
  }
}
