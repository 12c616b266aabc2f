import { filter, fromEvent, map, merge, NEVER, type Observable, of, takeUntil } from 'rxjs'
import { ObservationDecoder } from '../src/config/observation-message.js'
import type { PipelineConfig } from '../src/config/pipeline.js'
import type { DeadLetter } from '../src/dead-letter.js'
import { ContraflowError, type ErrorCode, shorten } from '../src/errors.js'
import type { Estimate, Forecast } from '../src/estimate.js'
import type { PrequentialScore } from '../src/learn/prequential-score.js'
import type { Observation } from '../src/observation.js'
import { type Clock, systemClock } from './clock.js'
import { isDeadLetter } from './feeds/feed.js'
import { openFeed } from './feeds/index.js'
import { KeyLearners } from './key-learners.js'
import { closeSinks, openSinks } from './sinks/index.js'
import type { Sink } from './sinks/sink.js'
import { Valve } from './valve.js'

/** What a pipeline needs of the world, and whom it tells while it runs. */
export interface PipelineOptions {
  /** Ends the run in good order: what has come in is learned and sent out. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  /** Uniform in [0, 1), for the spreading of reconnects; nothing that is learned depends on it. */
  readonly random?: () => number
  /** One line about a connection. */
  readonly log?: (line: string) => void
  readonly onEstimate?: (estimate: Estimate, progress: Progress) => void
  readonly onDeadLetter?: (letter: DeadLetter, progress: Progress) => void
}

/** What has happened so far. */
export interface Progress {
  /** Messages that came in, good or bad. */
  readonly received: number
  readonly estimates: number
  /** Messages put aside, by code. */
  readonly deadLetters: ReadonlyMap<ErrorCode, number>
  readonly channels: readonly string[]
  /** Running scores by key. */
  readonly scores: ReadonlyMap<string, PrequentialScore>
}

/** Where a pipeline file is silent. */
const DEFAULT_SOURCE: NonNullable<PipelineConfig['source']> = { kind: 'stdin' }
const DEFAULT_SINKS: NonNullable<PipelineConfig['sinks']> = [{ kind: 'ndjson', path: '-' }]

/**
 * Runs a pipeline file: feed → observations → one learner a key → estimates → sinks, until the feed ends or the signal
 * comes. Sinks are open before the feed is, so nothing is missed.
 * @throws ContraflowError when a source or sink cannot be opened or fails for good; what was learned before has been sent.
 */
export async function runPipeline(config: PipelineConfig, options: PipelineOptions = {}): Promise<Progress> {
  const valve = new Valve()
  const stop = new AbortController()
  const failures: Error[] = []
  const context = {
    valve,
    log: options.log ?? (() => {}),
    failed: (error: Error) => {
      failures.push(error)
      stop.abort()
    },
  }
  const { sinks: configs = DEFAULT_SINKS, deadLetters } = config
  const letterConfigs = deadLetters ? [{ kind: 'ndjson', path: deadLetters.path, append: true } as const] : []
  const opened = await openSinks([...configs, ...letterConfigs], context)
  const [sinks, letters] = [opened.slice(0, configs.length), opened.slice(configs.length)]
  const run = new Run(config, options, sinks, letters)
  try {
    await run.toTheEnd(valve, merge(aborted(stop.signal), aborted(options.signal)))
  } finally {
    await closeSinks(opened)
  }
  if (failures[0]) throw failures[0]
  return run
}

function aborted(signal: AbortSignal | undefined): Observable<unknown> {
  if (signal === undefined) return NEVER
  return signal.aborted ? of(null) : fromEvent(signal, 'abort')
}

class Run implements Progress {
  received = 0
  estimates = 0
  readonly deadLetters = new Map<ErrorCode, number>()
  readonly #config: PipelineConfig
  readonly #options: PipelineOptions
  readonly #sinks: readonly Sink[]
  readonly #letters: readonly Sink[]
  readonly #decoder: ObservationDecoder
  readonly #learners: KeyLearners

  constructor(config: PipelineConfig, options: PipelineOptions, sinks: readonly Sink[], letters: readonly Sink[]) {
    this.#config = config
    this.#options = options
    this.#sinks = sinks
    this.#letters = letters
    this.#learners = new KeyLearners(config, (code, observation) => this.#refuse(code, observation))
    const { channels, source } = config
    const { timeUnit, timeCheck } = source === undefined || source.kind === 'simulate' ? {} : source
    this.#decoder = new ObservationDecoder({
      ...(channels && { channels }),
      ...(timeUnit && { timeUnit }),
      ...(timeCheck !== undefined && { timeCheck }),
    })
  }

  get scores(): ReadonlyMap<string, PrequentialScore> {
    return this.#learners.scores
  }

  get channels(): readonly string[] {
    return this.#decoder.channels ?? []
  }

  toTheEnd(valve: Valve, stop: Observable<unknown>): Promise<void> {
    const { clock = systemClock, random = Math.random, log = () => {} } = this.#options
    const feed = openFeed(this.#config.source ?? DEFAULT_SOURCE, { decoder: this.#decoder, valve, clock, random, log })
    const messages = feed.pipe(
      // Before the learners, so that they get the end of the stream and send out what they hold.
      takeUntil(stop),
      map(({ value }) => value),
      filter((value): value is Observation => this.#sort(value)),
      this.#learners.learn(),
    )
    return new Promise((resolve, reject) => {
      messages.subscribe({ next: message => this.#publish(message), error: reject, complete: resolve })
    })
  }

  /** Counts what came in; dead letters are put aside here. */
  #sort(value: Observation | DeadLetter): boolean {
    this.received++
    if (!isDeadLetter(value)) return true
    this.#putAside(value)
    return false
  }

  #publish(message: Estimate | Forecast): void {
    const line = JSON.stringify(message)
    for (const sink of this.#sinks) sink.write(line)
    if ('forecast' in message) return
    this.estimates++
    this.#tell(() => this.#options.onEstimate?.(message, this))
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
    for (const sink of this.#letters) sink.write(line)
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
