import type { SinkPolicy } from '../../src/names.js'

/** What happens when messages come faster than a sink takes them; see `streams/overflow/overflow.md`. */
export interface SinkOverflow {
  readonly policy: SinkPolicy
  /** Bytes that may wait. Default 64 KiB for `block`, else 1 MiB. */
  readonly bytes?: number
}

/** Bytes that may wait before the feed is stopped, and those that are kept where lines may be dropped. */
export const [WAITING, KEPT] = [64 << 10, 1 << 20] as const

/** With defaults. */
export function sinkOverflow({ policy, bytes }: SinkOverflow = { policy: 'block' }): Required<SinkOverflow> {
  return { policy, bytes: bytes ?? (policy === 'block' ? WAITING : KEPT) }
}
