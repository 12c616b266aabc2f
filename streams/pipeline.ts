import { filter, identity, type MonoTypeOperatorFunction, map, merge, type Observable, pipe, takeUntil } from 'rxjs'
import { createDecoder } from '../src/config/create-decoder.js'
import type { Decoder } from '../src/config/decoder.js'
import type { PipelineConfig } from '../src/config/pipeline.js'
import type { DeadLetter } from '../src/dead-letter.js'
import { ContraflowError, type ErrorCode, shorten } from '../src/errors.js'
import type { Estimate } from '../src/estimate.js'
import type { PrequentialScore } from '../src/learn/prequential-score.js'
import type { Observation } from '../src/observation.js'
import type { Saved } from '../src/saved.js'
import type { Section } from '../src/section.js'
import type { Storable } from '../src/storable.js'
import { aborted } from './aborted.js'
import { type Accounting, accounting } from './accounting.js'
import type { RunCheckpoints } from './checkpoint/run-checkpoints.js'
import { withCheckpoints } from './checkpoint/with-checkpoints.js'
import { type Clock, systemClock } from './clock.js'
import { type Delivery, type Feed, type FeedContext, type FeedPosition, isDeadLetter } from './feeds/feed.js'
import { openFeed } from './feeds/index.js'
import { KeyLearners } from './key-learners.js'
import type { Outgoing } from './outgoing.js'
import { OverflowQueue } from './overflow-queue.js'
import type { PipelineOptions, Progress } from './pipeline-options.js'
import type { Service, ServiceStatus } from './publisher/service.js'
import { quietly } from './quietly.js'
import { recordedFeed } from './recorder/recorded-feed.js'
import { Recorder } from './recorder/recorder.js'
import type { Refuse } from './refuse.js'
import { closeSinks, openSinks } from './sinks/index.js'
import type { Sink } from './sinks/sink.js'
import { loadTensorParts, type TensorParts } from './tensor-parts.js'
import { Valve } from './valve.js'
import { WorkerPool, workerCount } from './workers/worker-pool.js'

export type { PipelineOptions, Progress } from './pipeline-options.js'

/** Where a pipeline file is silent. */
const DEFAULT_SOURCE: NonNullable<PipelineConfig['source']> = { kind: 'stdin' }
/** Feeds that connect to something, and may lose it again. */
const CONNECTING: readonly string[] = ['websocket', 'mqtt', 'nats']
const DEFAULT_SINKS: NonNullable<PipelineConfig['sinks']> = [{ kind: 'ndjson', path: '-' }]

/**
 * Runs a pipeline file: feed → observations → one learner a key → estimates → sinks, until the feed ends or the signal
 * comes. Sinks are open before the feed is, so nothing is missed.
 * @throws ContraflowError when a source or sink cannot be opened or fails for good; what was learned before has been sent.
 */
export async function runPipeline(config: PipelineConfig, options: PipelineOptions = {}): Promise<Progress> {
  return run(config, { ...options, log: quietly(options.log) })
}

async function run(config: PipelineConfig, options: PipelineOptions): Promise<Progress> {
  const tensors = await loadTensorParts(config)
  const { clock = systemClock, log = () => {}, fresh = false } = options
  return withCheckpoints(config, tensors, { clock, log, fresh }, checkpoints =>
    runWith(config, options, tensors, checkpoints),
  )
}

async function runWith(
  config: PipelineConfig,
  options: PipelineOptions,
  tensors: TensorParts,
  checkpoints: RunCheckpoints | undefined,
): Promise<Progress> {
  const valve = new Valve()
  const stop = new AbortController()
  const failures: Error[] = []
  const run = new Run(config, options, tensors, await createDecoder(config))
  const context = {
    valve,
    clock: options.clock ?? systemClock,
    service: run,
    channels: () => run.channels,
    startOf: (path: string) => checkpoints?.startOf(path),
    log: options.log ?? (() => {}),
    failed: (error: Error) => {
      failures.push(error)
      stop.abort()
    },
  }
  const { sinks: configs = DEFAULT_SINKS, deadLetters, record } = config
  const letterConfigs = deadLetters ? [{ kind: 'ndjson', path: deadLetters.path, append: true } as const] : []
  const recorder = record && (await Recorder.open({ ...record, clock: context.clock, log: context.log }))
  const opened = await openSinks([...configs, ...letterConfigs], context).catch(async error => {
    await recorder?.close()
    throw error
  })
  if (checkpoints) checkpoints.outputs = opened.flatMap(({ tail }) => tail ?? [])
  const [sinks, letters] = [opened.slice(0, configs.length), opened.slice(configs.length)]
  try {
    const end = merge(aborted(stop.signal), aborted(options.signal))
    await run.toTheEnd(valve, end, { sinks, letters }, { checkpoints, recorder })
  } finally {
    await checkpoints?.settled()
    await recorder?.close()
    await closeSinks(opened)
  }
  if (failures[0]) throw failures[0]
  return run
}

/** What outlives the run. */
interface Keepers {
  readonly checkpoints: RunCheckpoints | undefined
  readonly recorder: Recorder | undefined
}

/** Where estimates and dead letters go. */
interface Outlets {
  readonly sinks: readonly Sink[]
  readonly letters: readonly Sink[]
}

type Learners = KeyLearners | WorkerPool

class Run implements Progress, Service, Storable {
  received = 0
  estimates = 0
  readonly deadLetters = new Map<ErrorCode, number>()
  readonly #config: PipelineConfig
  readonly #options: PipelineOptions
  readonly #clock: Clock
  #outlets: Outlets = { sinks: [], letters: [] }
  #skipped = 0
  #queue: OverflowQueue | undefined
  #connected = false
  #lastArrival: number | undefined
  #checkpoints: RunCheckpoints | undefined
  readonly #decoder: Decoder
  readonly #tensors: TensorParts
  #learners: Learners | undefined

  constructor(config: PipelineConfig, options: PipelineOptions, tensors: TensorParts, decoder: Decoder) {
    this.#config = config
    this.#options = options
    this.#tensors = tensors
    this.#clock = options.clock ?? systemClock
    this.#decoder = decoder
  }

  get scores(): ReadonlyMap<string, PrequentialScore> {
    return this.#learners?.scores ?? new Map()
  }

  get ignored(): number {
    return this.#decoder.ignored
  }

  get accounting(): Accounting {
    const { received, estimates, deadLetters } = this
    return accounting(
      received + (this.#queue?.length ?? 0),
      { learned: estimates - this.#skipped, skipped: this.#skipped },
      deadLetters,
    )
  }

  get channels(): readonly string[] {
    return this.#decoder.channels ?? []
  }

  save(): Saved {
    const { received, estimates } = this
    return { received, estimates, skipped: this.#skipped, deadLetters: Object.fromEntries(this.deadLetters) }
  }

  restore(saved: Section): void {
    this.received = saved.at('received').number
    this.estimates = saved.at('estimates').number
    this.#skipped = saved.at('skipped').number
    for (const [code, count] of saved.at('deadLetters').fields) this.deadLetters.set(code as ErrorCode, count.number)
  }

  status(): ServiceStatus {
    const { ignored, estimates, deadLetters, channels } = this
    const { written = 0, failed = 0, writtenAt } = this.#checkpoints ?? {}
    const age = (since: number | undefined) => since && (this.#clock.now() - since) / 1000
    return {
      connected: this.#connected,
      channels,
      keys: this.scores.size,
      lastObservationAge: age(this.#lastArrival),
      checkpointAge: age(writtenAt),
      counters: {
        ...this.accounting,
        ignored,
        estimates,
        deadLetters: Object.fromEntries(deadLetters),
        checkpoints: { written, failed },
      },
    }
  }

  forecast(key: string, horizon: number, points: number): ReturnType<Service['forecast']> {
    return this.#learners?.forecast(key, horizon, points)
  }

  async toTheEnd(
    valve: Valve,
    stop: Observable<unknown>,
    outlets: Outlets,
    { checkpoints, recorder }: Keepers,
  ): Promise<void> {
    this.#outlets = outlets
    this.#checkpoints = checkpoints
    const { random = Math.random, log = () => {} } = this.#options
    const clock = this.#clock
    const connected = (now: boolean) => {
      this.#connected = now
    }
    const learners = this.#startLearners(valve)
    checkpoints?.keeper.add('run', this)
    checkpoints?.keeper.add('decoder', this.#decoder)
    checkpoints?.keeper.add('keys', learners)
    if (checkpoints && learners instanceof WorkerPool) checkpoints.ready = () => learners.settle()
    await checkpoints?.begin(recorder)
    const from = checkpoints?.from
    const context = { valve, clock, random, log, connected, ...(from && { from }) }
    // Before the learners, so that they get the end of the stream and send out what they hold.
    const accept = pipe(takeUntil<Delivery>(stop), this.#queueing(valve))
    const feed = this.#openFeed(context, recorder, accept)
    const messages = feed.pipe(
      checkpoints?.follow() ?? identity,
      map(({ value }) => value),
      filter((value): value is Observation => this.#sort(value)),
      learners.learn(),
    )
    // A feed with a connection says when it has one.
    this.#connected = !CONNECTING.includes((this.#config.source ?? DEFAULT_SOURCE).kind)
    return new Promise((resolve, reject) => {
      messages
        .subscribe({ next: outgoing => this.#publish(outgoing), error: reject, complete: resolve })
        .add(() => connected(false))
    })
  }

  #queueing(valve: Valve): MonoTypeOperatorFunction<Delivery> {
    const { source } = this.#config
    const overflow = source === undefined || source.kind === 'simulate' ? undefined : source.overflow
    if (overflow === undefined) return identity
    const dropped = ({ value }: Delivery) => {
      if (this.#sort(value)) this.#learners!.inOrder(() => this.#refuse('OBSERVATION_DROPPED', value))
    }
    const queue = new OverflowQueue(overflow, { valve, dropped })
    this.#queue = queue
    return feed => queue.follow(feed)
  }

  /** @param accept What is to be written down, and learned, of what the feed gives. */
  #openFeed(
    { from, ...context }: Omit<FeedContext, 'decoder'>,
    recorder: Recorder | undefined,
    accept: MonoTypeOperatorFunction<Delivery>,
  ): Feed {
    const open = (position: FeedPosition | undefined) =>
      openFeed(this.#config.source ?? DEFAULT_SOURCE, {
        ...context,
        decoder: this.#decoder,
        ...(position && { from: position }),
      }).pipe(accept)
    if (recorder === undefined) return open(from)
    return recordedFeed(recorder, { ...context, ...(from && { from }) }, open)
  }

  /** Counts what came in; dead letters are put aside here. */
  #sort(value: Observation | DeadLetter): value is Observation {
    this.received++
    this.#lastArrival = this.#clock.now()
    if (!isDeadLetter(value)) return true
    this.#learners!.inOrder(() => this.#putAside(value))
    return false
  }

  #startLearners(valve: Valve): Learners {
    const { onEstimate } = this.#options
    const refuse: Refuse = (code, observation) => this.#refuse(code, observation)
    const inWorkers = workerCount(this.#config) > 0
    this.#learners = inWorkers
      ? new WorkerPool(this.#config, { refuse, valve, watched: onEstimate !== undefined })
      : new KeyLearners(this.#config, refuse, this.#tensors)
    return this.#learners
  }

  #publish(outgoing: Outgoing): void {
    for (const sink of this.#outlets.sinks) sink.write(outgoing.line, outgoing)
    if (outgoing.kind === 'forecast') return
    this.estimates++
    if (outgoing.skipped) this.#skipped++
    const { onEstimate } = this.#options
    if (onEstimate) this.#tell(() => onEstimate(outgoing.message as Estimate, this))
  }

  #refuse(code: ErrorCode, { key, t, y }: Observation): void {
    const received = `t=${t} with y=${shorten(JSON.stringify(Array.from(y)))}`
    const place = `key ${JSON.stringify(key)}`
    const { message } = new ContraflowError(code, { received, place })
    this.#putAside({ code, place, received, message })
  }

  #putAside(letter: DeadLetter): void {
    this.deadLetters.set(letter.code, (this.deadLetters.get(letter.code) ?? 0) + 1)
    const line = JSON.stringify(letter)
    for (const sink of this.#outlets.letters) sink.write(line, { kind: 'deadLetter', key: letter.code })
    this.#tell(() => this.#options.onDeadLetter?.(letter, this))
  }

  /** What a callback throws is its own affair: the stream goes on. */
  #tell(call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#options.log?.(`a callback failed: ${(error as Error).message}`)
    }
  }
}
