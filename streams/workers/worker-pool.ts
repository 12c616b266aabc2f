import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Observable, type OperatorFunction, Subject } from 'rxjs'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { Estimate, Forecast } from '../../src/estimate.js'
import { PrequentialScore } from '../../src/learn/prequential-score.js'
import type { Observation } from '../../src/observation.js'
import type { Saved } from '../../src/saved.js'
import { Section } from '../../src/section.js'
import type { Storable } from '../../src/storable.js'
import type { Valve } from '../overflow/valve.js'
import type { Outgoing } from '../pipeline/outgoing.js'
import type { Refuse } from '../pipeline/refuse.js'
import { detached } from './detached.js'
import { workerOf } from './key-hash.js'
import { MergeInOrder } from './merge-in-order.js'
import type { FromWorker, ToWorker, WorkerStart } from './messages.js'
import { BatchWriter } from './observation-batch.js'
import { OutputReader, type Refusal } from './output-batch.js'

/** Observations that may be with the workers, not answered: the feed waits while there are more, or its queue by its own policy. */
const MOST_PENDING = 2048
/** What is allocated while learning is garbage at once: without a bound the young generation of every thread grows to 32 MB for it. */
const LIMITS = { maxYoungGenerationSizeMb: 6 }
/** Observations of one message; what has come by the end of a turn of the event loop is sent at once. */
const MOST_IN_BATCH = 256

/** How many threads a pipeline file asks for: none without the field; `auto` leaves one processor to the main thread. */
export function workerCount({ workers }: PipelineConfig): number {
  return workers === 'auto' ? Math.max(1, availableParallelism() - 1) : (workers ?? 0)
}

/** Whom a pool tells what. */
export interface PoolOptions {
  readonly refuse: Refuse
  /** Held while the workers have more than they can do. */
  readonly valve: Valve
  /** Does somebody look at the scores while the pool runs? Otherwise they come at its end. */
  readonly watched: boolean
}

/**
 * Learns in worker threads. The hash of its key gives every observation to one of them, so that the order of each key stays; what
 * they give is put back into the order of what came, so that the output has the bytes of a run in one thread.
 */
export class WorkerPool implements Storable {
  /** Running scores by key, oldest key first. */
  readonly scores = new Map<string, PrequentialScore>()
  readonly #options: PoolOptions
  readonly #output = new Subject<Outgoing>()
  readonly #config: PipelineConfig
  #workers: readonly Worker[] = []
  readonly #writers: readonly BatchWriter[]
  readonly #readers: readonly OutputReader[]
  readonly #merge: MergeInOrder<Outgoing | Refusal | (() => void)>
  readonly #maxKeys: number
  #scheduled: NodeJS.Immediate | undefined
  #running: number
  /** Forecasts asked for, and who waits for each. */
  #asked = 0
  readonly #questions = new Map<number, (forecast: Forecast | undefined) => void>()
  /** The state of every key on its way to the workers or from them, and whose is waited for, by worker. */
  #saved: readonly Saved[] = []
  readonly #savings = new Map<number, (saved: readonly Saved[]) => void>()
  /** What the end brought. */
  readonly #last: (Outgoing | Refusal)[] = []

  constructor(config: PipelineConfig, options: PoolOptions) {
    const count = workerCount(config)
    this.#options = options
    this.#maxKeys = config.learn?.maxKeys ?? 10_000
    this.#running = count
    this.#merge = new MergeInOrder(count + 1, output => (typeof output === 'function' ? output() : this.#pass(output)))
    this.#writers = Array.from({ length: count }, () => new BatchWriter())
    this.#readers = this.#writers.map(() => new OutputReader())
    this.#config = config
  }

  /** The state of each key, in the order in which they came, as `settle` found it; handed over, not kept. */
  save(): Saved {
    const saved = this.#saved
    this.#saved = []
    return saved
  }

  /** Called before `learn`. */
  restore(saved: Section): void {
    this.#saved = saved.list.map(key => key.value)
    for (const key of saved.list) {
      const score = new PrequentialScore()
      score.restore(key.at('parts').at('score'))
      this.scores.set(key.at('key').text, score)
    }
  }

  /** Waits until all observations have been learned and passed on, and takes the state of every key. */
  async settle(): Promise<void> {
    this.#sendAll()
    const states = this.#workers.map((worker, index) => {
      worker.postMessage({ kind: 'save' } satisfies ToWorker)
      return new Promise<readonly Saved[]>(resolve => this.#savings.set(index, resolve))
    })
    this.#options.valve.hold(this.#savings)
    const found = new Map((await Promise.all(states)).flat().map(saved => [keyOf(saved), saved]))
    this.#saved = Array.from(this.scores.keys(), key => found.get(key)!)
    this.#options.valve.release(this.#savings)
  }

  #start(): void {
    // The keys are counted here, where all of them come by.
    const learn = { ...this.#config.learn, maxKeys: Number.MAX_SAFE_INTEGER }
    this.#workers = this.#writers.map((_, index) => {
      const own = this.#saved.filter(key => workerOf(keyOf(key), this.#writers.length) === index)
      const workerData: WorkerStart = { config: { ...this.#config, learn }, saved: own.map(detached) }
      const worker = new Worker(new URL('./worker-thread.js', import.meta.url), { workerData, resourceLimits: LIMITS })
      worker.on('message', (message: FromWorker) => this.#hear(index, message))
      worker.on('error', error => this.#output.error(error))
      return worker
    })
    this.#saved = []
  }

  /** Observations of any keys → estimates and forecasts. A worker that fails ends the stream in its error. */
  learn(): OperatorFunction<Observation, Outgoing> {
    return source =>
      new Observable(subscriber => {
        this.#start()
        const output = this.#output.subscribe(subscriber)
        const input = source.subscribe({
          next: observation => this.#take(observation),
          error: error => this.#output.error(error),
          complete: () => this.#complete(),
        })
        return () => {
          input.unsubscribe()
          output.unsubscribe()
          this.#terminate()
        }
      })
  }

  /** Does this when all that came before has been passed on. */
  inOrder(act: () => void): void {
    // As if the main thread were one more worker, and a quick one.
    const own = this.#writers.length
    const order = this.#merge.give(own)
    this.#merge.hold(own, order, act)
    this.#merge.answer(own, order)
  }

  /** A forecast made now, of a key that is known; changes nothing. */
  forecast(key: string, horizon: number, points: number): Promise<Forecast | undefined> {
    if (!this.scores.has(key)) return Promise.resolve(undefined)
    const id = this.#asked++
    const index = workerOf(key, this.#workers.length)
    this.#workers[index]!.postMessage({ kind: 'forecast', id, key, horizon, points } satisfies ToWorker)
    return new Promise(resolve => this.#questions.set(id, resolve))
  }

  #take(observation: Observation): void {
    const { key } = observation
    const isNew = !this.scores.has(key)
    if (isNew && this.scores.size >= this.#maxKeys) {
      this.inOrder(() => this.#options.refuse('KEYS_EXHAUSTED', observation))
      return
    }
    if (isNew) this.scores.set(key, new PrequentialScore())
    const index = workerOf(key, this.#workers.length)
    const writer = this.#writers[index]!
    writer.add(this.#merge.give(index), observation)
    if (writer.length >= MOST_IN_BATCH) this.#send(index)
    else this.#scheduled ??= setImmediate(() => this.#sendAll())
    if (this.#merge.pending >= MOST_PENDING) this.#options.valve.hold(this)
  }

  /** The workers learn what they hold, in the order in which their keys came first. */
  #complete(): void {
    this.#sendAll()
    for (const worker of this.#workers) worker.postMessage({ kind: 'complete' } satisfies ToWorker)
  }

  #terminate(): void {
    clearImmediate(this.#scheduled)
    this.#options.valve.release(this)
    this.#options.valve.release(this.#savings)
    for (const worker of this.#workers) {
      // What a thread has said already is not heard any more: nothing is counted after the end.
      worker.removeAllListeners('message')
      void worker.terminate()
    }
    for (const answer of this.#questions.values()) answer(undefined)
  }

  #sendAll(): void {
    this.#scheduled = undefined
    this.#writers.forEach((writer, index) => {
      if (writer.length > 0) this.#send(index)
    })
  }

  #send(index: number): void {
    const batch = this.#writers[index]!.take()
    this.#workers[index]!.postMessage({ kind: 'learn', batch } satisfies ToWorker, [batch.numbers.buffer])
  }

  #hear(index: number, message: FromWorker): void {
    if (message.kind === 'forecast') {
      this.#questions.get(message.id)!(message.forecast)
      this.#questions.delete(message.id)
      return
    }
    if (message.kind === 'saved') {
      this.#savings.get(index)!(message.saved)
      return
    }
    if (message.kind === 'learned') {
      this.#readers[index]!.read(message.outputs, (order, output) => this.#merge.hold(index, order, output))
      this.#merge.answer(index, message.upTo)
      if (this.#merge.pending < MOST_PENDING / 2) this.#options.valve.release(this)
      return
    }
    this.#readers[index]!.read(message.outputs, (_, output) => this.#last.push(output))
    for (const [key, saved] of message.scores) this.scores.get(key)!.restore(new Section(saved, 'scores'))
    if (--this.#running > 0) return
    // Keys end in the order in which they came.
    const rank = new Map(Array.from(this.scores.keys(), (key, i) => [key, i]))
    for (const output of this.#last.sort((a, b) => rank.get(keyOfOutput(a))! - rank.get(keyOfOutput(b))!))
      this.#pass(output)
    this.#output.complete()
  }

  #pass(output: Outgoing | Refusal): void {
    if ('code' in output) {
      this.#options.refuse(output.code, output.observation, output.details)
      return
    }
    if (this.#options.watched && output.kind === 'estimate')
      this.scores.get(output.key)!.observe(output.message as Estimate)
    this.#output.next(output)
  }
}

function keyOfOutput(output: Outgoing | Refusal): string {
  return 'code' in output ? output.observation.key : output.key
}

function keyOf(saved: Saved): string {
  return new Section(saved).at('key').text
}
