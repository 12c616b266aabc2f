import { foreseeDirectory } from '../checkpoint/foresee.js'
import { ChannelNote } from './channel-note.js'
import { listSegments } from './segments.js'
import { readTail } from './tail.js'

/**
 * Could a run record there? Changes nothing.
 * @param channels Of the pipeline file; without them a run takes those of the recording.
 * @throws ContraflowError what the run would end in: RECORDING_FAILED, RECORDING_MISFIT, STATE_IN_USE, FILE_DAMAGED, FILE_UNREADABLE.
 */
export async function foreseeRecording(directory: string, channels: readonly string[] | undefined): Promise<void> {
  if (!(await foreseeDirectory(directory, 'RECORDING_FAILED'))) return
  const newest = (await listSegments(directory)).at(-1)
  if (newest) new ChannelNote(() => channels, (await readTail(newest)).channels).refuseOthers(directory)
}
