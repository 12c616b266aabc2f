import { resolve } from 'node:path'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { RunCheckpoints } from '../checkpoint/run-checkpoints.js'
import { hasClockDecisions } from '../time/clock-decisions.js'
import { journalOf } from './record-tail.js'
import { Recorder, type RecorderOptions } from './recorder.js'

/** Bytes of a file of a journal: files go as a whole. */
const ROTATE = 1 << 20

/**
 * The recording that a pipeline file asks for. Without one, a run that has checkpoints and decides by the clock gets a journal in the
 * directory of its checkpoints: a recording of what came in since the oldest of them, so that what has been decided stays so.
 * A fresh run puts the recording aside that is there, so that a replay of what it records is a replay of it alone.
 * @returns undefined where neither is needed.
 * @throws ContraflowError STATE_IN_USE, RECORDING_FAILED, RECORDING_MISFIT, FILE_DAMAGED.
 */
export async function openRecorder(
  config: PipelineConfig,
  checkpoints: RunCheckpoints | undefined,
  context: Pick<RecorderOptions, 'clock' | 'log' | 'channels'> & {
    readonly fresh: boolean
    readonly failed: (error: Error) => void
  },
): Promise<Recorder | undefined> {
  const { record, checkpoint } = config
  // Of a run that was recorded, something may be behind its last checkpoint.
  const begun = checkpoints?.from?.record !== undefined
  if (!record && (checkpoint === undefined || !(begun || hasClockDecisions(config)))) return undefined
  const journal = record ? undefined : journalOf(checkpoint!.directory)
  const { clock, log, channels, failed: lost } = context
  const common = { clock, log, lost, ...(channels && { channels }) }
  const recorder = await Recorder.open(
    journal === undefined
      ? { ...record!, ...common }
      : { directory: journal, rotate: ROTATE, fsync: 'never', zip: false, mixed: true, ...common },
  )
  try {
    if (record && context.fresh) await startAnew(recorder, checkpoints, log)
    recorder.refuseOthers()
    if (checkpoints && journal !== undefined) checkpoints.journal = recorder
    await checkpoints?.recordIn(recorder, record ? resolve(record.directory) : null)
    return recorder
  } catch (error) {
    await recorder.close()
    throw error
  }
}

/** First the checkpoints: those that are there go on with what is recorded behind them. */
async function startAnew(
  recorder: Recorder,
  checkpoints: RunCheckpoints | undefined,
  log: (line: string) => void,
): Promise<void> {
  await checkpoints?.setAside()
  const place = await recorder.setAside()
  if (place !== undefined) log(`the recording that was there is in ${place} now`)
}
