import type { Plain } from '../../src/learn/checkpoint/checkpoint.js'
import { Section } from '../../src/section.js'
import type { FeedPosition } from '../feeds/feed.js'
import { misfit, misfits } from './misfit.js'
import type { FoundCheckpoint } from './newest-checkpoint.js'
import { positionIn } from './position-in.js'
import type { RunIdentity } from './run-identity.js'

/** Up to where a checkpoint has got, from its summary. */
export function describeProgress(summary: Plain): string {
  const { position } = summary as { position?: FeedPosition | null }
  const begun = position && position.values > 0
  return begun ? `after message ${position.message} of its source` : 'after no message'
}

/**
 * What a run takes over from a checkpoint: its state, and where the source goes on. Changes nothing.
 * @throws ContraflowError CHECKPOINT_MISFIT with the fields that differ; FILE_UNREADABLE.
 */
export async function goOnFrom(
  { path, checkpoint: { identity, state: saved } }: FoundCheckpoint,
  run: RunIdentity,
  newSource: boolean,
): Promise<{ readonly state: Section; readonly from: FeedPosition | undefined }> {
  const complaints = misfits(identity, run)
  if (complaints.length > 0) throw misfit(path, complaints)
  const state = new Section(saved)
  return { state, from: newSource ? undefined : await positionIn(state, run, path) }
}
