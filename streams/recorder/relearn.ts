import { filter, map, takeUntil, takeWhile, tap } from 'rxjs'
import { createDecoder } from '../../src/config/create-decoder.js'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { Observation } from '../../src/observation.js'
import { checkpoint } from '../../src/operators/checkpoint.js'
import { aborted } from '../aborted.js'
import { stateHash } from '../checkpoint/state-hash.js'
import { systemClock } from '../clock.js'
import { type FeedPosition, isDeadLetter } from '../feeds/feed.js'
import { openFeed } from '../feeds/index.js'
import { KeyLearners } from '../key-learners.js'
import { loadTensorParts } from '../tensor-parts.js'
import { Valve } from '../valve.js'

/**
 * What a pipeline learns from its source up to a position, without sinks.
 * @returns A hash of the state of all keys there, before anything that is held is let go.
 */
export async function relearn(
  config: PipelineConfig,
  until: FeedPosition | undefined,
  signal?: AbortSignal,
): Promise<{ readonly observations: number; readonly hash: string }> {
  const learners = new KeyLearners(config, () => {}, await loadTensorParts(config))
  const decoder = await createDecoder(config)
  const context = { decoder, valve: new Valve(), clock: systemClock, random: () => 0, log: () => {} }
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
        takeWhile(({ position }) => !isBehind(position, until)),
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

/** Does the position come after the one that is wanted? Without one, everything does. */
function isBehind(position: FeedPosition, until: FeedPosition | undefined): boolean {
  if (until === undefined) return true
  if (until.record !== undefined && position.record !== undefined) return position.record > until.record
  if (position.message !== until.message) return position.message > until.message
  return position.values > until.values
}
