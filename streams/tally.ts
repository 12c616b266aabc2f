import type { ErrorCode } from '../src/errors.js'
import type { Saved } from '../src/saved.js'
import type { Section } from '../src/section.js'
import type { Storable } from '../src/storable.js'
import { type Accounting, accounting } from './accounting.js'
import type { Outgoing } from './outgoing.js'

/** What a run has counted, from its first start on: a checkpoint holds it. */
export class Tally implements Storable {
  /** Messages that came in, good or bad. */
  received = 0
  estimates = 0
  /** Estimates of what was predicted, but not learned. */
  skipped = 0
  /** Messages put aside, by code. */
  readonly deadLetters = new Map<ErrorCode, number>()

  /** Counts a message to the sinks. */
  sent({ kind, skipped }: Outgoing): void {
    if (kind === 'forecast') return
    this.estimates++
    if (skipped) this.skipped++
  }

  /** Counts a message that was put aside. */
  putAside(code: ErrorCode): void {
    this.deadLetters.set(code, (this.deadLetters.get(code) ?? 0) + 1)
  }

  /** @param waiting Values that have come in and are not among the received yet. */
  accounting(waiting: number): Accounting {
    const { received, estimates, skipped, deadLetters } = this
    return accounting(received + waiting, { learned: estimates - skipped, skipped }, deadLetters)
  }

  save(): Saved {
    const { received, estimates, skipped } = this
    return { received, estimates, skipped, deadLetters: Object.fromEntries(this.deadLetters) }
  }

  restore(saved: Section): void {
    this.received = saved.at('received').number
    this.estimates = saved.at('estimates').number
    this.skipped = saved.at('skipped').number
    for (const [code, count] of saved.at('deadLetters').fields) this.deadLetters.set(code as ErrorCode, count.number)
  }
}
