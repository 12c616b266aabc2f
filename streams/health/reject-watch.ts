import type { ErrorCode } from '../../src/errors.js'

/** When so many messages cannot be used that something is wrong with the source or with the pipeline file. */
export interface RejectOptions {
  /** Share of the messages, of 1. Default 0.1. */
  readonly share?: number
  /** Seconds that are looked at. Default 60. */
  readonly window?: number
}

/** What the last messages were like. */
export interface RejectReport {
  readonly received: number
  readonly rejected: number
  /** By code, most often first. */
  readonly codes: readonly (readonly [ErrorCode, number])[]
}

/** Fewer messages than this say nothing. */
const LEAST = 20
/** Pieces of the window: it moves on by one of them. */
const PIECES = 12

/** What is no fault of a message: it came too late, twice, or when there was no room. */
const NO_REJECTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'OBSERVATION_LATE',
  'OBSERVATION_DUPLICATE',
  'OBSERVATION_DROPPED',
  'OBSERVATION_WITHDRAWN',
])

class Piece {
  received = 0
  readonly rejected = new Map<ErrorCode, number>()
}

/**
 * Watches the share of messages that cannot be used. A pure state machine: times are what it is told, milliseconds that never go
 * back. It is alarmed from the share on, and calm again below half of it, or when nothing has come for a window.
 */
export class RejectWatch {
  readonly #share: number
  readonly #length: number
  #pieces = new Map<number, Piece>()
  #alarmed = false

  constructor({ share = 0.1, window = 60 }: RejectOptions = {}) {
    this.#share = share
    this.#length = (window * 1000) / PIECES
  }

  received(now: number): void {
    this.#piece(now).received++
  }

  rejected(code: ErrorCode, now: number): void {
    if (NO_REJECTS.has(code)) return
    const { rejected } = this.#piece(now)
    rejected.set(code, (rejected.get(code) ?? 0) + 1)
  }

  /** What the window holds. */
  report(now: number): RejectReport {
    const oldest = this.#number(now) - PIECES
    const codes = new Map<ErrorCode, number>()
    let received = 0
    for (const [number, piece] of this.#pieces) {
      if (number <= oldest) continue
      received += piece.received
      for (const [code, count] of piece.rejected) codes.set(code, (codes.get(code) ?? 0) + count)
    }
    const sorted = [...codes].sort(([, a], [, b]) => b - a)
    return { received, rejected: sorted.reduce((sum, [, count]) => sum + count, 0), codes: sorted }
  }

  /** Is something wrong? */
  alarmed(now: number): boolean {
    const { received, rejected } = this.report(now)
    const limit = this.#alarmed ? this.#share / 2 : this.#share
    this.#alarmed = received >= LEAST ? rejected >= limit * received : this.#alarmed && rejected > 0
    return this.#alarmed
  }

  #number(now: number): number {
    return Math.floor(now / this.#length)
  }

  #piece(now: number): Piece {
    const number = this.#number(now)
    const known = this.#pieces.get(number)
    if (known) return known
    for (const old of this.#pieces.keys()) if (old <= number - PIECES) this.#pieces.delete(old)
    const piece = new Piece()
    this.#pieces.set(number, piece)
    return piece
  }
}
