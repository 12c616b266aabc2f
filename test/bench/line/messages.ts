/** When the sender sends: never more than so many ahead of what has come back, or so many a second, evenly. */
export type Pace = { readonly ahead: number } | { readonly perSecond: number }

/** What the sender starts with. */
export interface SenderStart {
  /** How many estimates have come back; notified when it changes. */
  readonly received: Int32Array<SharedArrayBuffer>
  /** When each message was sent, nanoseconds of the clock that all threads share. */
  readonly sentAt: Float64Array<SharedArrayBuffer>
}

/** To the sender: send these, the first one having this number. */
export interface SendOrder {
  readonly first: number
  readonly messages: readonly string[]
  readonly pace: Pace
}

/** From the sender. */
export type SenderReport =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'connected' }
  /** All have been sent; how often the sender itself came more than a whole interval too late. */
  | { readonly kind: 'sent'; readonly late: number }
