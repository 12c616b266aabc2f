import { merge } from 'rxjs'
import { createDecoder } from '../../src/config/decoders/create-decoder.js'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import { aborted } from '../aborted.js'
import type { RunCheckpoints } from '../checkpoint/run-checkpoints.js'
import { withCheckpoints } from '../checkpoint/with-checkpoints.js'
import { refuseOverwriting } from '../files/refuse-overwriting.js'
import { Valve } from '../overflow/valve.js'
import { openRecorder } from '../recorder/open-recorder.js'
import { closeSinks, openSinks } from '../sinks/index.js'
import { systemClock } from '../time/clock.js'
import { Outlets } from './outlets.js'
import type { PipelineOptions, Progress } from './pipeline-options.js'
import { PipelineRun } from './pipeline-run.js'
import { quietly } from './quietly.js'
import { loadTensorParts, type TensorParts } from './tensor-parts.js'

export type { LearningCounts, PipelineOptions, Progress } from './pipeline-options.js'

/** Where a pipeline file is silent. */
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
  await refuseOverwriting(config)
  const tensors = await loadTensorParts(config)
  const { clock = systemClock, log = () => {}, fresh = false, newSource = false } = options
  return withCheckpoints(config, tensors, { clock, log, fresh, newSource }, checkpoints =>
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
  const decoder = await createDecoder(config)
  const run = new PipelineRun(config, options, tensors, decoder)
  const context = {
    valve,
    clock: options.clock ?? systemClock,
    service: run,
    channels: () => run.channels,
    startOf: (path: string) => checkpoints?.startOf(path),
    ...(checkpoints && { hold: () => checkpoints.hold() }),
    log: options.log ?? (() => {}),
    failed: (error: Error) => {
      failures.push(error)
      stop.abort()
    },
  }
  const { sinks: configs = DEFAULT_SINKS, deadLetters } = config
  const letterConfigs = deadLetters ? [{ kind: 'ndjson', append: true, isPrivate: true, ...deadLetters } as const] : []
  const recorder = await openRecorder(config, checkpoints, { ...context, fresh: options.fresh ?? false })
  decoder.recall(undefined, recorder?.recorded)
  const open = async () => {
    await checkpoints?.setAside()
    return openSinks([...configs, ...letterConfigs], context)
  }
  const opened = await open().catch(async error => {
    await recorder?.close()
    throw error
  })
  if (checkpoints) checkpoints.outputs = opened.flatMap(({ tail }) => tail ?? [])
  const [sinks, letters] = [opened.slice(0, configs.length), opened.slice(configs.length)]
  try {
    const end = merge(aborted(stop.signal), aborted(options.signal))
    const outlets = new Outlets(sinks, letters, options)
    await run.toTheEnd(valve, end, outlets, { checkpoints, recorder })
  } finally {
    await checkpoints?.settled()
    await recorder?.close()
    await closeSinks(opened)
  }
  if (failures[0]) throw failures[0]
  return run
}
