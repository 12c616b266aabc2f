import { filter, identity, map, type Observable, tap } from 'rxjs'
import type { Decoder } from '../../src/config/decoders/decoder.js'
import type { PipelineConfig, SourceConfig } from '../../src/config/pipeline.js'
import type { DeadLetter } from '../../src/dead-letter.js'
import type { ErrorCode } from '../../src/errors.js'
import type { PrequentialScore } from '../../src/learn/prequential-score.js'
import type { Observation } from '../../src/observation.js'
import type { RunCheckpoints } from '../checkpoint/run-checkpoints.js'
import { type Delivery, type Feed, isDeadLetter } from '../feeds/feed.js'
import type { HealthReason, HealthReport } from '../health/health.js'
import { HealthWatch } from '../health/health-watch.js'
import { guardHeap } from '../load/heap-guard.js'
import type { Load } from '../load/load.js'
import type { Lost } from '../overflow/lost.js'
import type { OverflowQueue } from '../overflow/overflow-queue.js'
import type { Valve } from '../overflow/valve.js'
import type { RequestedForecast, Service, ServiceStatus } from '../publisher/service.js'
import type { Recorder } from '../recorder/recorder.js'
import type { SinkStatus } from '../sinks/sink.js'
import { type Clock, systemClock } from '../time/clock.js'
import { SilentKeys } from '../time/silent-keys.js'
import { WorkerPool, workerCount } from '../workers/worker-pool.js'
import type { Accounting } from './accounting.js'
import { Connection } from './connection.js'
import { deadLetterOfObservation } from './dead-letter-of-observation.js'
import { KeyLearners } from './key-learners.js'
import type { Outgoing } from './outgoing.js'
import type { Outlets } from './outlets.js'
import type { LearningCounts, PipelineOptions, Progress } from './pipeline-options.js'
import type { Refuse } from './refuse.js'
import { type Keepers, runFeed, sourceQueue } from './run-feed.js'
import { serviceStatus } from './service-status.js'
import { Tally } from './tally.js'
import type { TensorParts } from './tensor-parts.js'

/** One run of a pipeline, from its feed to its outlets, and what can be said of it on its way. */
export class PipelineRun implements Progress, Service {
  readonly #config: PipelineConfig
  readonly #source: SourceConfig
  readonly #options: PipelineOptions
  readonly #clock: Clock
  readonly #decoder: Decoder
  readonly #tensors: TensorParts
  readonly #tally = new Tally()
  readonly #health: HealthWatch
  #outlets: Outlets | undefined
  #queue: OverflowQueue | undefined
  readonly #connection: Connection
  readonly #silent: SilentKeys
  #lastArrival: number | undefined
  #checkpoints: RunCheckpoints | undefined
  #recorder: Recorder | undefined
  #learners: KeyLearners | WorkerPool | undefined

  constructor(config: PipelineConfig, options: PipelineOptions, tensors: TensorParts, decoder: Decoder) {
    this.#config = config
    this.#source = config.source ?? { kind: 'stdin' }
    this.#options = options
    this.#connection = new Connection(this.#source)
    this.#tensors = tensors
    this.#clock = options.clock ?? systemClock
    this.#decoder = decoder
    this.#silent = new SilentKeys(config.learn?.maxKeys ?? 10_000)
    this.#health = new HealthWatch({
      clock: this.#clock,
      log: options.log ?? (() => {}),
      rejects: 'rejects' in this.#source ? this.#source.rejects : undefined,
      frozen: () => this.#tally.frozen.size,
      stuck: () => ({ byKey: this.#tally.stuck, names: this.channels }),
      failures: () => this.#failures(),
    })
  }

  get received(): number {
    return this.#tally.received
  }

  get estimates(): number {
    return this.#tally.estimates
  }

  get deadLetters(): ReadonlyMap<ErrorCode, number> {
    return this.#tally.deadLetters
  }

  get scores(): ReadonlyMap<string, PrequentialScore> {
    return this.#learners?.scores ?? new Map()
  }

  get ignored(): number {
    return this.#decoder.ignored
  }

  get connections(): number {
    return this.#connection.connections
  }

  get accounting(): Accounting {
    return this.#tally.accounting(this.#queue)
  }

  get learning(): LearningCounts {
    return this.#tally.learning
  }

  get channels(): readonly string[] {
    return this.#decoder.channels ?? []
  }

  status(): ServiceStatus {
    return serviceStatus(this, {
      now: this.#clock.now(),
      lastArrival: this.#lastArrival,
      connection: this.#connection,
      silent: this.#silent,
      checkpoints: this.#checkpoints,
    })
  }

  get health(): HealthReport {
    return this.#health.report
  }

  get sinks(): readonly SinkStatus[] {
    return this.#outlets?.status ?? []
  }

  get load(): Load {
    return this.#health.load
  }

  async forecast(key: string, horizon: number, points: number): Promise<RequestedForecast | undefined> {
    const made = await this.#learners?.forecast(key, horizon, points)
    return made && this.#silent.has(key) ? { ...made, stale: true } : made
  }

  /**
   * Resolves when the feed has ended, or `stop` has come, and all that came before has been sent out.
   * @throws ContraflowError what the feed, the recording and the checkpoints end in.
   */
  async toTheEnd(valve: Valve, stop: Observable<unknown>, outlets: Outlets, keepers: Keepers): Promise<void> {
    const { checkpoints, recorder } = keepers
    this.#outlets = outlets
    this.#checkpoints = checkpoints
    this.#recorder = recorder
    const learners = this.#startLearners(valve)
    checkpoints?.keeper.add('run', this.#tally)
    checkpoints?.keeper.add('decoder', this.#decoder)
    checkpoints?.keeper.add('keys', learners)
    if (checkpoints && learners instanceof WorkerPool) checkpoints.ready = () => learners.settle()
    await checkpoints?.begin()
    const messages = this.#openFeed(valve, stop, keepers).pipe(
      checkpoints?.follow() ?? identity,
      filter(delivery => this.#sort(delivery)),
      map(({ value }) => value as Observation),
      learners.learn(),
      // Not in `subscribe`: what is thrown there ends the process instead of the run.
      tap(outgoing => this.#publish(outgoing)),
    )
    this.#connection.open()
    const unguard = guardHeap(this.load.gauge('heap', 'skip-updates'))
    return new Promise((resolve, reject) => {
      messages.subscribe({ error: reject, complete: resolve }).add(() => {
        this.#connection.close()
        unguard()
      })
    })
  }

  #openFeed(outlet: Valve, stop: Observable<unknown>, keepers: Keepers): Feed {
    this.#queue = sourceQueue(this.#source, { outlet, load: this.load, clock: this.#clock })
    return runFeed({
      config: this.#config,
      source: this.#source,
      decoder: this.#decoder,
      clock: this.#clock,
      connection: this.#connection,
      keepers,
      world: this.#options,
      queue: this.#queue,
      outlet,
      stop,
      known: () => this.scores.keys(),
    })
  }

  /** Counts what came in; what cannot be learned is put aside here. @returns Whether it can be. */
  #sort({ value, lost }: Delivery): boolean {
    if (lost) {
      this.#lose(lost)
      return false
    }
    // A mark says something of observations that are held, and is none itself: nobody counts it.
    if (!isDeadLetter(value) && this.#silent.take(value)) return true
    this.#receive()
    if (!isDeadLetter(value)) return true
    this.#learners!.inOrder(() => this.#putAside(value))
    return false
  }

  #lose({ letters, more }: Lost): void {
    for (const letter of letters) {
      this.#receive()
      this.#learners!.inOrder(() => this.#putAside(letter))
    }
    for (const [code, count] of more) {
      for (let n = 0; n < count; n++) this.#receive()
      this.#learners!.inOrder(() => this.#tally.putAside(code, count))
    }
  }

  #receive(): void {
    this.#tally.received++
    this.#lastArrival = this.#clock.now()
    this.#health.received()
  }

  #failures(): readonly HealthReason[] {
    const failures: HealthReason[] = []
    for (const failure of [this.#checkpoints?.failure, this.#recorder?.failure])
      if (failure) failures.push({ code: failure.code, sentence: failure.message })
    for (const { failure } of this.sinks)
      if (failure !== undefined) failures.push({ code: 'SINK_FAILED', sentence: failure })
    return failures
  }

  #startLearners(valve: Valve): KeyLearners | WorkerPool {
    const refuse: Refuse = (code, observation, details) => {
      if (observation.arrival !== 'idle') this.#putAside(deadLetterOfObservation(code, observation, details))
    }
    const watched = this.#options.onEstimate !== undefined
    this.#learners =
      workerCount(this.#config) > 0
        ? new WorkerPool(this.#config, { refuse, valve, watched })
        : new KeyLearners(this.#config, refuse, this.#tensors)
    return this.#learners
  }

  #publish(outgoing: Outgoing): void {
    this.#tally.sent(outgoing)
    this.#outlets!.publish(outgoing, this)
  }

  #putAside(letter: DeadLetter): void {
    this.#tally.putAside(letter.code)
    this.#health.rejected(letter.code)
    this.#outlets!.putAside(letter, this)
  }
}
