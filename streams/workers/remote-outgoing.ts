import type { Outgoing } from '../pipeline/outgoing.js'

/** What is known of a line without reading it. */
export type OutgoingFacts = Omit<Outgoing, 'message' | 'line' | 'bytes'>

/** A message that another thread has serialised: bytes of a batch, made into text only for those who want text. */
export class RemoteOutgoing implements Outgoing {
  readonly kind: Outgoing['kind']
  readonly key: string
  readonly skipped: boolean
  declare readonly guard?: NonNullable<Outgoing['guard']>
  declare readonly clipped?: number
  declare readonly stuck?: number
  readonly #batch: Buffer
  readonly #start: number
  readonly #end: number

  /** @param batch Lines with their ends; this one from `start` to `end`. */
  constructor({ kind, key, skipped, guard, clipped, stuck }: OutgoingFacts, batch: Buffer, start: number, end: number) {
    this.kind = kind
    this.key = key
    this.skipped = skipped
    if (guard !== undefined) this.guard = guard
    if (clipped !== undefined) this.clipped = clipped
    if (stuck !== undefined) this.stuck = stuck
    this.#batch = batch
    this.#start = start
    this.#end = end
  }

  get line(): string {
    return this.#batch.toString('utf8', this.#start, this.#end - 1)
  }

  get bytes(): Uint8Array {
    return this.#batch.subarray(this.#start, this.#end)
  }

  get message(): Outgoing['message'] {
    return JSON.parse(this.line) as Outgoing['message']
  }
}
