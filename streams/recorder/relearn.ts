import { filter, map, takeUntil, takeWhile, tap } from 'rxjs'
import { createDecoder } from '../../src/config/decoders/create-decoder.js'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { Observation } from '../../src/observation.js'
import { checkpoint } from '../../src/operators/checkpoint.js'
import { aborted } from '../aborted.js'
import { stateHash } from '../checkpoint/state-hash.js'
import { type FeedPosition, type FileIdentity, isDeadLetter } from '../feeds/feed.js'
import { openFeed } from '../feeds/index.js'
import { Valve } from '../overflow/valve.js'
import { KeyLearners } from '../pipeline/key-learners.js'
import { loadTensorParts } from '../pipeline/tensor-parts.js'
import { systemClock } from '../time/clock.js'

/**
 * What a pipeline learns from its source up to a position, without sinks.
 * @param options.log Told what is missing in a recording.
 * @returns A hash of the state of all keys there, before anything that is held is let go.
 */
export async function relearn(
  config: PipelineConfig,
  until: FeedPosition | undefined,
  { log = () => {}, signal }: { readonly log?: (line: string) => void; readonly signal?: AbortSignal } = {},
): Promise<{ readonly observations: number; readonly hash: string }> {
  const learners = new KeyLearners(config, () => {}, await loadTensorParts(config))
  const decoder = await createDecoder(config)
  const context = { decoder, valve: new Valve(), clock: systemClock, random: () => 0, log }
  const isBehind = behind(until)
  let observations = 0
  let hash = stateHash(learners.save())
  const store = {
    save: () => {
      hash = stateHash(learners.save())
    },
  }
  await new Promise<void>((resolve, reject) => {
    openFeed(config.source ?? { kind: 'stdin' }, context)
      .pipe(
        takeUntil(aborted(signal)),
        takeWhile(({ position }) => !isBehind(position)),
        checkpoint(store, { every: Number.POSITIVE_INFINITY }),
        map(({ value }) => value),
        filter((value): value is Observation => !isDeadLetter(value)),
        tap(({ arrival }) => {
          if (arrival !== 'idle') observations++
        }),
        learners.learn(),
      )
      .subscribe({ error: reject, complete: resolve })
  })
  return { observations, hash }
}

/** Tells of positions, in the order in which they come, whether they are behind the one that is wanted. Without one, all are. */
function behind(until: FeedPosition | undefined): (position: FeedPosition) => boolean {
  /** Has the file of the wanted one been begun? Messages are counted in each anew. */
  let begun = false
  return position => {
    if (until === undefined) return true
    if (until.record !== undefined && position.record !== undefined) return position.record > until.record
    if (!isSameFile(position.file, until.file)) return begun
    begun = true
    if (position.message !== until.message) return position.message > until.message
    return position.values > until.values
  }
}

/** A file may have been zipped since, or have grown. Sources without files have one stream. */
function isSameFile(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a === undefined || b === undefined || a.inode === b.inode || a.head.hash === b.head.hash
}
