import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Saved } from '../../src/saved.js'
import type { Section } from '../../src/section.js'
import type { FeedPosition } from '../feeds/feed.js'
import { codeOf } from '../files/code-of.js'
import { readSegments } from './read-segments.js'
import type { RecordedDelivery } from './record-line.js'
import type { Recorder } from './recorder.js'

/** A part of a recording: its records with numbers above `after`, up to `until`. */
export interface RecordPart {
  readonly directory: string
  readonly after: number
  readonly until: number
}

/** As a checkpoint has it: null is its own journal, which may be moved with it. */
interface Place {
  readonly directory: string | null
  readonly after: number
}

/** Where a run without `record` keeps its journal. */
export function journalOf(checkpoints: string): string {
  return join(checkpoints, 'journal')
}

/**
 * Where the records are that came in behind a checkpoint: mostly in one recording; in several, oldest first, when the pipeline file
 * has got another `record`, or none any more, between a run and the one that goes on from it. Their numbers go on from one to the next.
 */
export class RecordTail {
  readonly #checkpoints: string
  /** Undefined of checkpoints that do not say, which is that of older versions: where the run records now. */
  #places: readonly Place[] | undefined

  /** @param checkpoints The state directory. @param saved What `save` gave. */
  constructor(checkpoints: string, saved?: Section) {
    this.#checkpoints = checkpoints
    this.#places = saved?.list.map(place => ({
      directory: place.at('directory').isNull ? null : place.at('directory').text,
      after: place.at('after').number,
    }))
  }

  /**
   * Settles where this run records, and counts its numbers on from those that are there.
   * @param directory That of the recorder, or null for the journal. @param from Where the run goes on; without a record, nothing is behind it.
   * @returns Whether the checkpoint does not know yet that it is here.
   * @throws ContraflowError FILE_DAMAGED, FILE_UNREADABLE when records behind the checkpoint cannot be read.
   */
  async goOn(
    recorder: Recorder,
    directory: string | null,
    from: FeedPosition | undefined,
    log: (line: string) => void,
  ): Promise<boolean> {
    const record = from?.record
    if (record === undefined) {
      this.#places = [{ directory, after: recorder.last }]
      return true
    }
    const places = this.#places ?? [{ directory, after: 0 }]
    recorder.last = Math.max(recorder.last, record, places.at(-1)?.after ?? 0)
    if (places.at(-1)?.directory === directory) {
      this.#places = places
      return false
    }
    const there: Place[] = []
    for (const place of places) {
      const path = this.#path(place)
      if (await exists(path)) there.push(place)
      else if (await holds(recorder.directory, record, from!)) {
        log(`${path} is not there: ${recorder.directory} is taken for it`)
        there.push({ directory, after: record })
      } else log(`${path} is not there: what was recorded in it behind the checkpoint is not learned`)
    }
    for (const part of there)
      for await (const records of recordsOf(this.#path(part), Math.max(part.after, record)))
        recorder.last = Math.max(recorder.last, records.at(-1)!.n)
    const isHere = there.at(-1)?.directory === directory
    this.#places = isHere ? there : [...there, { directory, after: recorder.last }]
    return true
  }

  /** What is to be read, in this order, of the records behind number `from`. */
  behind(from: number): readonly RecordPart[] {
    const places = this.#places ?? []
    return places.map((place, i) => ({
      directory: this.#path(place),
      after: Math.max(place.after, from),
      // A run that goes on in it later adds to it behind those of the next one.
      until: places[i + 1]?.after ?? Number.POSITIVE_INFINITY,
    }))
  }

  /** @param from Number of the record up to which everything is in the checkpoint. What nobody needs any more is forgotten. */
  save(from: number | undefined): Saved {
    const places = this.#places ?? []
    const first = places.findLastIndex(({ after }) => from !== undefined && from > after)
    return places.slice(Math.max(0, first)).map(({ directory, after }) => ({ directory, after }))
  }

  #path({ directory }: Place): string {
    return directory ?? journalOf(this.#checkpoints)
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Is it the recording that a checkpoint was made with, moved? Then the record of this number stands for the same place in the source. */
async function holds(directory: string, record: number, position: FeedPosition): Promise<boolean> {
  // Number 0 stands for the beginning.
  if (record === 0) for await (const [first] of recordsOf(directory, 0)) return first!.n === 1
  for await (const [first] of recordsOf(directory, record - 1)) {
    const { message, values } = first!.position
    return first!.n === record && message === position.message && values === position.values
  }
  return false
}

function recordsOf(directory: string, after: number): AsyncGenerator<RecordedDelivery[]> {
  return readSegments(directory, after, new AbortController().signal)
}
