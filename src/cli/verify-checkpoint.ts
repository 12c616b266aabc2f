import { type LoadedCheckpoint, loadCheckpoint } from '../../streams/checkpoint/load-checkpoint.js'
import { misfit, misfits } from '../../streams/checkpoint/misfit.js'
import { runIdentity } from '../../streams/checkpoint/run-identity.js'
import { stateHash } from '../../streams/checkpoint/state-hash.js'
import type { FeedPosition } from '../../streams/feeds/feed.js'
import { loadTensorParts } from '../../streams/pipeline/tensor-parts.js'
import { isRecording } from '../../streams/recorder/recording-feed.js'
import { relearn } from '../../streams/recorder/relearn.js'
import type { PipelineConfig } from '../config/pipeline.js'
import { ContraflowError } from '../errors.js'
import { Section } from '../section.js'
import { logSource } from './log-source.js'
import { stopSignal } from './stop-signal.js'

/** What `contraflow verify` prints. */
export interface Verification {
  readonly checkpoint: string
  readonly log: string
  /** Observations learned from the log, up to the checkpoint. */
  readonly observations: number
  /** What is missing in a recording, a line each. */
  readonly missing: readonly string[]
  /** SHA-256 of what the checkpoint has learned, and of what was learned anew. */
  readonly expected: string
  readonly found: string
  readonly same: boolean
}

/**
 * Learns a log anew up to the position of a checkpoint and compares every bit of what was learned: parameters, moments, windows,
 * held observations, scores.
 * @throws ContraflowError CHECKPOINT_MISFIT for another pipeline file, and what reading the log and the checkpoint throws.
 */
export async function verifyCheckpoint(log: string, place: string, config: PipelineConfig): Promise<Verification> {
  const { path, checkpoint } = await loadOrTurn(log, place)
  const complaints = misfits(checkpoint.identity, runIdentity(config, await loadTensorParts(config)))
  if (complaints.length > 0) throw misfit(path, complaints, 'Name the pipeline file that the run had with -c FILE.')
  const state = new Section(checkpoint.state)
  const until = (state.at('position').value ?? undefined) as FeedPosition | undefined
  if (until?.record === undefined && (await isRecording(log)))
    throw new ContraflowError('CHECKPOINT_MISFIT', {
      received: 'a checkpoint of a run that was not recorded',
      expected: 'the log that the run has read',
      place: path,
      remedy: 'Give the log itself, or record the next run.',
    })
  const expected = stateHash(state.at('parts').at('keys').value)
  const source = logSource(log, config)
  const missing: string[] = []
  const options = { log: (line: string) => void missing.push(line), signal: stopSignal() }
  const { observations, hash: found } = await relearn({ ...config, source }, until, options)
  return { checkpoint: path, log, observations, missing, expected, found, same: found === expected }
}

/** The checkpoint; when there is none, but where the log should be, that is said. */
async function loadOrTurn(log: string, place: string): Promise<LoadedCheckpoint> {
  try {
    return await loadCheckpoint(place)
  } catch (error) {
    const turned = await loadCheckpoint(log).catch(() => undefined)
    if (turned === undefined) throw error
    throw new ContraflowError('OPTION_INVALID', {
      received: `the checkpoint ${turned.path} as the log`,
      expected: 'the log or recording first, then the checkpoint',
      place: 'contraflow verify',
      remedy: `Turn them round: contraflow verify ${place} ${log}`,
    })
  }
}

export function verificationLines({
  checkpoint,
  log,
  observations,
  missing,
  expected,
  found,
  same,
}: Verification): string[] {
  return [
    `${checkpoint}: ${expected}`,
    `${log}: ${found}, after ${observations} observations`,
    ...missing,
    same ? 'Every bit is the same.' : difference(observations),
  ]
}

function difference(observations: number): string {
  return observations === 0
    ? 'They differ: the log holds no observation up to the checkpoint. Name the log or recording of this run, and its pipeline file with -c.'
    : 'They differ: the log is not what was learned, or was learned by another version.'
}
