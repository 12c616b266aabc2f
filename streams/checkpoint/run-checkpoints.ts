import { filter, type MonoTypeOperatorFunction, map, merge, type Observable, tap } from 'rxjs'
import { ContraflowError } from '../../src/errors.js'
import type { Plain } from '../../src/learn/checkpoint/checkpoint.js'
import { encodeCheckpoint } from '../../src/learn/checkpoint/encode-checkpoint.js'
import { type CheckpointStore, checkpoint } from '../../src/operators/checkpoint.js'
import { StateKeeper } from '../../src/operators/state-keeper.js'
import type { Saved } from '../../src/saved.js'
import type { Section } from '../../src/section.js'
import { aborted } from '../aborted.js'
import type { Delivery, FeedPosition } from '../feeds/feed.js'
import type { FileSystem } from '../files/file-system.js'
import { type RecordPart, RecordTail } from '../recorder/record-tail.js'
import type { Recorder } from '../recorder/recorder.js'
import type { SinkMark } from '../sinks/cut-back.js'
import type { SinkTail } from '../sinks/sink.js'
import type { Clock } from '../time/clock.js'
import { ticks } from '../time/ticks.js'
import { type CheckpointDirectory, KEPT } from './checkpoint-directory.js'
import { describeProgress, goOnFrom } from './go-on-from.js'
import { type HeldDirectory, holdDirectory } from './held-directory.js'
import type { RunIdentity } from './run-identity.js'

/** Where checkpoints go, and how a run begins. */
export interface RunCheckpointsOptions {
  readonly directory: string
  /** Seconds between checkpoints. Default 60. */
  readonly every?: number
  readonly keep?: number
  /** Do not go on from what is there, and put it aside; new checkpoints count on from it. */
  readonly fresh?: boolean
  /** Go on with what was learned, from the beginning of another source. */
  readonly newSource?: boolean
  /** One line for the operator. */
  readonly log: (line: string) => void
  readonly clock: Clock
  readonly fs?: FileSystem
}

/**
 * The checkpoints of a running pipeline. A checkpoint is taken between two values: the state of everything, where the source is,
 * and how long each output file is. It is written when the output up to there is safe, so that after any failure the output can
 * be cut back to it and everything behind it is made again, bit for bit.
 */
export class RunCheckpoints implements CheckpointStore {
  /** Knows the parts of the run, and has what they stored. */
  readonly keeper: StateKeeper
  /** Where the source goes on. */
  from: FeedPosition | undefined
  /** Where the source is now; set with every value, before it is used. */
  position: FeedPosition | undefined
  /** Files that are written; set when they are open. */
  outputs: readonly SinkTail[] = []
  /** Resolves when everything has been made of what was passed on; unset where that is always so. */
  ready: (() => Promise<void>) | undefined
  /** What need not be kept behind the oldest checkpoint. */
  journal: Recorder | undefined
  /** Were those that had been written removed? The next one is due at once then. */
  gone = false
  /** Checkpoints written, and those that could not be. */
  written = 0
  failed = 0
  /** When the last one was written, on the clock that never goes back; undefined before the first. */
  writtenAt: number | undefined
  readonly #run: RunIdentity
  readonly #options: RunCheckpointsOptions
  readonly #directory: CheckpointDirectory
  /** Aborted with the reason when another run has taken the directory. */
  readonly #lost: AbortSignal
  /** Emits when it was removed and has been made anew. */
  readonly #restored: Observable<void>
  readonly #starts: ReadonlyMap<string, SinkMark>
  /** Is there a checkpoint from which the next start would do the same? */
  readonly #goesOn: boolean
  /** Where what came in behind the checkpoint is, and comes in now. */
  readonly #records: RecordTail
  #recorder: Recorder | undefined
  /** Does no checkpoint know where this run records? */
  #recordsElsewhere = false
  #writing: Promise<void> = Promise.resolve()
  #pending = 0
  #failure: unknown
  /** Numbers of the records at the checkpoints that this run has written and that are still kept, oldest first. */
  #kept: number[] = []

  private constructor(
    run: RunIdentity,
    options: RunCheckpointsOptions,
    { directory, lost, restored }: HeldDirectory,
    state: Section | undefined,
    from: FeedPosition | undefined,
  ) {
    this.#run = run
    this.#options = options
    this.#directory = directory
    this.#lost = lost
    this.#restored = restored
    restored.subscribe(() => this.#beginAgain())
    this.keeper = new StateKeeper(state?.at('parts'))
    this.#records = new RecordTail(options.directory, state?.fields.get('records'))
    const outputs = state?.at('outputs').list ?? []
    this.#starts = new Map(outputs.map(output => [output.at('path').text, markOf(output.at('end'))]))
    this.#goesOn = state !== undefined && options.newSource !== true
    this.from = from
    this.position = from
  }

  /**
   * @throws ContraflowError CHECKPOINT_MISFIT with the fields that differ, STATE_IN_USE, CHECKPOINT_DAMAGED, CHECKPOINT_VERSION,
   * CHECKPOINT_FAILED or FILE_UNREADABLE; nothing has been changed then.
   */
  static async open(run: RunIdentity, options: RunCheckpointsOptions): Promise<RunCheckpoints> {
    const { directory: path, keep, fs, fresh = false, newSource = false, log } = options
    const held = await holdDirectory({
      directory: path,
      log,
      ...(keep !== undefined && { keep }),
      ...(fs && { fs }),
    })
    const { directory } = held
    try {
      const found = fresh ? undefined : await directory.newest(({ message }) => log(message))
      if (found === undefined) return new RunCheckpoints(run, options, held, undefined, undefined)
      const { state, from } = await goOnFrom(found, run, newSource)
      const where = newSource ? 'with another source from its beginning' : describeProgress(found.checkpoint.summary)
      log(`going on from ${found.path}, ${where}`)
      return new RunCheckpoints(run, options, held, state, from)
    } catch (error) {
      await directory.close()
      throw error
    }
  }

  /** Puts the checkpoints aside that a fresh run does not go on from. Belongs before anything is written anew. */
  async setAside(): Promise<void> {
    if (this.#options.fresh !== true) return
    const place = await this.#directory.setAside()
    if (place !== undefined) this.#options.log(`the checkpoints that were there are in ${place} now`)
  }

  /**
   * Says where what comes in is recorded, before anything does; synced before every checkpoint.
   * @param directory Null for the journal of these checkpoints.
   * @throws ContraflowError FILE_DAMAGED, FILE_UNREADABLE when a recording of what came in before cannot be read.
   */
  async recordIn(recorder: Recorder, directory: string | null): Promise<void> {
    this.#recorder = recorder
    this.#recordsElsewhere = await this.#records.goOn(recorder, directory, this.from, this.#options.log)
  }

  /** Recordings of what came in behind the checkpoint from which the run goes on. */
  get tail(): readonly RecordPart[] {
    const record = this.from?.record
    return record === undefined ? [] : this.#records.behind(record)
  }

  /**
   * Makes the first checkpoint of a new run, or of a new source, when all parts are known and before anything comes: files that are added to can be
   * cut back to where they were. So does a run that goes on and records elsewhere than the one before it.
   * @throws ContraflowError CHECKPOINT_FAILED: better now than after an hour.
   */
  async begin(): Promise<void> {
    if (this.#goesOn && !this.#recordsElsewhere) return
    // What is recorded from here on is learned by a run that goes on from this checkpoint.
    const begin = this.#goesOn ? this.from : await this.#run.begin()
    const record = this.#recorder && { record: begin?.record ?? this.#recorder.last }
    this.position = record ? { ...(begin ?? BEFORE_THE_FIRST), ...record } : begin
    this.from = begin && this.position
    await this.ready?.()
    this.save()
    await this.settled()
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Why nothing may be written any more: another run has taken the directory (STATE_IN_USE), or it was removed (STATE_GONE). */
  get lost(): ContraflowError | undefined {
    return this.#lost.reason as ContraflowError | undefined
  }

  /** Before anything is written that belongs to this run. @throws ContraflowError as `lost`. */
  async hold(): Promise<void> {
    await this.#directory.hold()
  }

  /** Notes where the source is, and takes checkpoints when everything has been made of a value. Ends in `lost`. */
  follow(): MonoTypeOperatorFunction<Delivery> {
    const { every = 60, clock } = this.#options
    const due = ticks(every * 1000, clock).pipe(filter(() => this.#pending === 0))
    const lost = aborted(this.#lost).pipe(
      map(() => {
        throw this.lost
      }),
    )
    return source =>
      source.pipe(
        checkpoint(this, { every: merge(due, this.#restored, lost) }),
        tap(({ position }) => {
          this.position = position
        }),
      )
  }

  /** Why the last checkpoint could not be written; undefined when it could. */
  get failure(): ContraflowError | undefined {
    return this.#failure instanceof ContraflowError ? this.#failure : undefined
  }

  /** Where the output in a file ended; undefined for one that is new. */
  startOf(path: string): SinkMark | undefined {
    return this.#starts.get(path)
  }

  save(): void {
    this.gone = false
    const outputs = this.outputs.map(tail => ({ path: tail.path, end: tail.position() }))
    const { identity, source } = this.#run
    const record = this.position?.record
    const records = this.#records.save(record)
    const state: Saved = { parts: this.keeper.save(), outputs, source, position: toSaved(this.position), records }
    const summary = {
      at: this.#options.clock.wall(),
      source,
      position: toSaved(this.position) as Plain,
      outputs: outputs as unknown as Plain,
    }
    const content = encodeCheckpoint({ identity, summary, state })
    this.#pending++
    this.#writing = this.#writing.then(() => this.#write(content, record ?? 0))
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writing
  }

  /**
   * Waits for the last checkpoint and lets go of the directory.
   * @throws ContraflowError CHECKPOINT_FAILED when the last one could not be written, STATE_IN_USE when another run has the directory.
   */
  async close(): Promise<void> {
    await this.settled()
    await this.#directory.close()
    if (this.lost) throw this.lost
    if (this.#failure !== undefined) throw this.#failure
  }

  /** A failure is said aloud and the run goes on: the next one may succeed, and the last one that did is still there. */
  async #write(content: Uint8Array, record: number): Promise<void> {
    try {
      await this.#directory.renew() // before its journal looks: that is in it
      await Promise.all([...this.outputs.map(tail => tail.sync()), this.#recorder?.sync()])
      await this.#directory.write(content)
      this.written++
      this.writtenAt = this.#options.clock.now()
      this.#failure = undefined
      await this.#forget(record)
    } catch (error) {
      this.failed++
      this.#failure = error
      // The run ends with it, and says so then.
      if (error !== this.lost) this.#options.log((error as Error).message)
    } finally {
      this.#pending--
    }
  }

  #beginAgain(): void {
    this.gone = true
    this.#kept = []
    const { directory, log } = this.#options
    log(`${directory} was removed while this run used it: it is made anew, and gets a checkpoint now`)
  }

  /** The journal is read from a checkpoint on: what is before the oldest one is not needed. */
  async #forget(record: number): Promise<void> {
    const { keep = KEPT } = this.#options
    this.#kept = [...this.#kept, record].slice(-keep)
    if (this.#kept.length === keep) await this.journal?.forget(this.#kept[0]!)
  }
}

function markOf(saved: Section): SinkMark {
  const file = saved.at('file')
  return { bytes: saved.at('bytes').number, file: { inode: file.at('inode').number, base: file.at('base').number } }
}

function toSaved(position: FeedPosition | undefined): Saved {
  return position === undefined ? null : (position as unknown as Saved)
}

/** Nothing has come yet. */
const BEFORE_THE_FIRST: FeedPosition = { message: 0, values: 0 }
