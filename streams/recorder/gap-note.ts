import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { crc32c } from '../../src/learn/checkpoint/crc32c.js'
import { codeOf } from '../files/code-of.js'

/** Records that could not be written: their numbers, from the first to the last, and how many of them were observations. */
export interface Gap {
  readonly first: number
  readonly last: number
  readonly observations: number
}

const number = z.number().int().nonnegative()
const content = z.object({
  sequence: number,
  gap: z.object({ first: number, last: number, observations: number }).nullable(),
})

/** Its name, beside the files of a recording. */
export const GAP_NOTE = 'recording.gap'
/** Bytes of one of the two slots. */
const SLOT = 160

/**
 * The gap that a recording is in, beside it, for the run that comes next: on a full disk nothing can be added, but what has its
 * place already can be written over. Two slots are written in turn, each with a checksum, so that one of them is always whole. It
 * outlives the end of the process, like the records.
 */
export class GapNote {
  readonly #fd: number
  #sequence: number
  #gap: Gap | undefined

  private constructor(fd: number, { sequence, gap }: z.infer<typeof content>) {
    this.#fd = fd
    this.#sequence = sequence
    this.#gap = gap ?? undefined
  }

  /** Makes the note when it is not there, with all the space it will ever need. Throws what the file system does. */
  static open(directory: string): GapNote {
    const fd = openSync(join(directory, GAP_NOTE), constants.O_RDWR | constants.O_CREAT, 0o600)
    try {
      const bytes = Buffer.alloc(2 * SLOT, ' ')
      if (fstatSync(fd).size === bytes.length) readSync(fd, bytes, 0, bytes.length, 0)
      else {
        writeSync(fd, bytes, 0, bytes.length, 0)
        fsyncSync(fd)
      }
      return new GapNote(fd, newest(bytes))
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /** The gap that the last run ended in, or that this one is in. */
  get gap(): Gap | undefined {
    return this.#gap
  }

  /** One more record that could not be written. */
  widen(record: number, isObservation: boolean): void {
    const { first = record, observations = 0 } = this.#gap ?? {}
    this.#gap = { first, last: record, observations: observations + (isObservation ? 1 : 0) }
    this.#write()
  }

  /** A record has been written: the numbers around the gap tell of it now. */
  end(): void {
    if (this.#gap === undefined) return
    this.#gap = undefined
    this.#write()
  }

  /** The same in a directory that was made anew; this one is closed. Throws what the file system does. */
  anew(directory: string): GapNote {
    const note = GapNote.open(directory)
    note.#gap = this.#gap
    note.#write()
    this.close()
    return note
  }

  close(): void {
    closeSync(this.#fd)
  }

  #write(): void {
    this.#sequence++
    const text = JSON.stringify({ sequence: this.#sequence, gap: this.#gap ?? null })
    const slot = Buffer.from(`${checksum(text)} ${text}`.padEnd(SLOT - 1).concat('\n'))
    try {
      writeSync(this.#fd, slot, 0, SLOT, (this.#sequence % 2) * SLOT)
    } catch {
      // The next one may succeed; that the recording has a gap is known already.
    }
  }
}

/** The gap that a recording ends in. @returns undefined when it does not. */
export function gapAtEnd(directory: string): Gap | undefined {
  try {
    return newest(readFileSync(join(directory, GAP_NOTE))).gap ?? undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Of the slots that are whole, the one that was written last. */
function newest(bytes: Buffer): z.infer<typeof content> {
  return [0, 1]
    .map(i => contentOf(bytes.toString('utf8', i * SLOT, (i + 1) * SLOT).trimEnd()))
    .reduce((a, b) => (b.sequence > a.sequence ? b : a))
}

function contentOf(slot: string): z.infer<typeof content> {
  const text = slot.slice(slot.indexOf(' ') + 1)
  return slot.startsWith(`${checksum(text)} `) ? content.parse(JSON.parse(text)) : { sequence: 0, gap: null }
}

function checksum(text: string): string {
  return crc32c(Buffer.from(text)).toString(16).padStart(8, '0')
}
