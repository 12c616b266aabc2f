import { type Observable, Subject } from 'rxjs'
import { CheckpointDirectory, type CheckpointDirectoryOptions } from './checkpoint-directory.js'

/** A state directory, and what may happen to it while a run has it. */
export interface HeldDirectory {
  readonly directory: CheckpointDirectory
  /** Aborted with the reason when the run has it no more. */
  readonly lost: AbortSignal
  /** Emits when it was removed and has been made anew, empty. */
  readonly restored: Observable<void>
}

/** @throws ContraflowError as `CheckpointDirectory.open`. */
export async function holdDirectory(
  options: Omit<CheckpointDirectoryOptions, 'lost' | 'restored'>,
): Promise<HeldDirectory> {
  const lost = new AbortController()
  const restored = new Subject<void>()
  const directory = await CheckpointDirectory.open({
    ...options,
    lost: error => lost.abort(error),
    restored: () => restored.next(),
  })
  return { directory, lost: lost.signal, restored }
}
