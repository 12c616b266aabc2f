import { Buffer, isUtf8 } from 'node:buffer'
import type { RecordFlaw, TextRecord } from '../records.js'

/** How a stream of bytes is cut into records. */
export interface LineOptions {
  /** Bytes of the longest record; of a longer one only the beginning is kept. Default 1 MiB. */
  readonly maxLine?: number
  /** A line end between double quotes belongs to the record, as in CSV. Default false. */
  readonly quoted?: boolean
  /** Does a last record without line end count? Default true; where a part of a record may look like a whole one, no. */
  readonly openEnd?: boolean
  /** Where the first byte stands in its stream. Default 0, line 1. */
  readonly start?: { readonly offset: number; readonly line: number }
}

const [LINE_FEED, RETURN, QUOTE] = [0x0a, 0x0d, 0x22]
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf)

/** Bytes that are kept of a record that is too large. */
const KEPT = 1024

/**
 * Cuts bytes into records. LF and CRLF end a line; a byte order mark at offset 0 is left out. What it holds is bounded by one
 * record, and of a record that is too large only the beginning is held.
 */
export class LineSplitter {
  readonly #maxLine: number
  readonly #quoted: boolean
  readonly #openEnd: boolean
  /** The record that has not ended yet. */
  #pieces: Buffer[] = []
  #length = 0
  #insideQuotes = false
  #offset: number
  #line: number
  #linesInside = 0

  constructor({ maxLine = 1 << 20, quoted = false, openEnd = true, start }: LineOptions = {}) {
    this.#maxLine = maxLine
    this.#quoted = quoted
    this.#openEnd = openEnd
    this.#offset = start?.offset ?? 0
    this.#line = start?.line ?? 1
  }

  /** Where the next record begins. */
  get offset(): number {
    return this.#offset
  }

  /** Number of the line that comes next. */
  get line(): number {
    return this.#line
  }

  /** The records that end in this chunk. The chunk is not kept, nor changed. */
  push(chunk: Uint8Array): TextRecord[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const records: TextRecord[] = []
    let from = 0
    for (let to = bytes.indexOf(LINE_FEED); to >= 0; to = bytes.indexOf(LINE_FEED, to + 1)) {
      if (this.#quoted && this.#endsInsideQuotes(bytes, from, to)) {
        this.#linesInside++
        this.#keep(bytes.subarray(from, to + 1))
      } else {
        records.push(this.#record(bytes.subarray(from, to), 1))
      }
      from = to + 1
    }
    if (from < bytes.length) {
      if (this.#quoted) this.#endsInsideQuotes(bytes, from, bytes.length)
      this.#keep(bytes.subarray(from))
    }
    return records
  }

  /** The record after the last line end, if there is one. */
  end(): TextRecord[] {
    if (this.#length === 0) return []
    const open = this.#length
    const record = { ...this.#record(Buffer.alloc(0), 0), open }
    if (record.text === '' && record.flaw === undefined) return []
    return [this.#openEnd || record.flaw ? record : { ...record, text: head(record.text), flaw: 'cut' }]
  }

  /** Counts the quotes on; does a line end at `to` stand inside of some? One record that is too large has no inside. */
  #endsInsideQuotes(bytes: Buffer, from: number, to: number): boolean {
    for (let at = bytes.indexOf(QUOTE, from); at >= 0 && at < to; at = bytes.indexOf(QUOTE, at + 1))
      this.#insideQuotes = !this.#insideQuotes
    if (this.#insideQuotes && this.#length + to - from <= this.#maxLine) return true
    if (to < bytes.length) this.#insideQuotes = false
    return false
  }

  #keep(part: Buffer): void {
    // A copy: the chunk may be used again.
    const wanted = this.#length > this.#maxLine ? 0 : Math.min(part.length, this.#maxLine + 1 - this.#length)
    if (wanted > 0) this.#pieces.push(Buffer.from(part.subarray(0, wanted)))
    this.#length += part.length
    if (this.#length > this.#maxLine && this.#pieces.length > 0)
      this.#pieces = [Buffer.from(Buffer.concat(this.#pieces).subarray(0, KEPT))]
  }

  #record(last: Buffer, lineEnd: number): TextRecord {
    const [offset, line] = [this.#offset, this.#line]
    const length = this.#length + last.length
    this.#offset += length + lineEnd
    this.#line += this.#linesInside + 1
    const bytes = this.#length === 0 ? last : Buffer.concat([...this.#pieces, last])
    this.#pieces = []
    this.#length = 0
    this.#linesInside = 0
    const flaw: RecordFlaw | undefined = length > this.#maxLine ? 'too-large' : isUtf8(bytes) ? undefined : 'not-utf8'
    const text = textOf(flaw === undefined ? bytes : bytes.subarray(0, KEPT), offset === 0)
    if (flaw === undefined) return { text, line, offset }
    return { text: flaw === 'too-large' ? `${head(text)} (${length} bytes)` : head(text), line, offset, flaw }
  }
}

function textOf(bytes: Buffer, first: boolean): string {
  const start = first && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0
  const end = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length
  return bytes.toString('utf8', start, end)
}

function head(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`
}
