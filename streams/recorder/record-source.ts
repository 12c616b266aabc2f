import { merge, takeUntil, tap } from 'rxjs'
import { createDecoder } from '../../src/config/decoders/create-decoder.js'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { DeadLetter } from '../../src/dead-letter.js'
import { ContraflowError } from '../../src/errors.js'
import { aborted } from '../aborted.js'
import { type Delivery, isDeadLetter } from '../feeds/feed.js'
import { openFeed } from '../feeds/index.js'
import { Valve } from '../overflow/valve.js'
import { type Clock, systemClock } from '../time/clock.js'
import { clockDecisions } from '../time/clock-decisions.js'
import { Recorder } from './recorder.js'

/** What recording needs of the world. */
export interface RecordSourceOptions {
  /** Ends the recording in good order. */
  readonly signal?: AbortSignal
  /** Default that of the machine. */
  readonly clock?: Clock
  /** Uniform in [0, 1), for the spreading of reconnects. */
  readonly random?: () => number
  /** One line about a connection. */
  readonly log?: (line: string) => void
  /** Called with everything that was put aside. */
  readonly onDeadLetter?: (letter: DeadLetter) => void
}

/** What a recording has got. */
export interface RecordSummary {
  /** Observations written. */
  readonly recorded: number
  /** Observations that could not be written. */
  readonly lost: number
  /** Messages put aside. */
  readonly deadLetters: number
}

/**
 * Writes down what the source of a pipeline file gives, without learning from it, until the source ends or the signal comes.
 * @throws ContraflowError CONFIG_INVALID without `record`, RECORDING_FAILED, RECORDING_MISFIT, STATE_IN_USE, and what the feed ends in.
 */
export async function recordSource(config: PipelineConfig, options: RecordSourceOptions = {}): Promise<RecordSummary> {
  const { clock = systemClock, random = Math.random, log = () => {}, signal, onDeadLetter } = options
  if (config.record === undefined)
    throw new ContraflowError('CONFIG_INVALID', {
      received: 'no recording directory',
      expected: 'record: { directory } in the pipeline file, or --directory',
    })
  const decoder = await createDecoder(config)
  const taken = new AbortController()
  const lost = (error: Error) => taken.abort(error)
  const recorder = await Recorder.open({ ...config.record, channels: () => decoder.channels, clock, log, lost })
  let [observations, deadLetters] = [0, 0]
  const valve = new Valve()
  const decisions = clockDecisions(config, { clock, valve })
  const feed = openFeed(config.source ?? { kind: 'stdin' }, { decoder, valve, clock, random, log }).pipe(decisions)
  try {
    decoder.recall(undefined, recorder.recorded)
    recorder.refuseOthers()
    await new Promise<void>((resolve, reject) => {
      const write = tap((delivery: Delivery) => {
        const { value } = delivery
        recorder.record(delivery)
        if (!isDeadLetter(value)) {
          if (value.arrival !== 'idle') observations++
        } else {
          deadLetters++
          onDeadLetter?.(value)
        }
      })
      aborted(taken.signal).subscribe(() => reject(taken.signal.reason))
      feed
        .pipe(takeUntil(merge(aborted(signal), aborted(taken.signal))), write)
        .subscribe({ error: reject, complete: resolve })
    })
  } finally {
    await recorder.close()
  }
  return { recorded: observations - recorder.lost, lost: recorder.lost, deadLetters }
}
