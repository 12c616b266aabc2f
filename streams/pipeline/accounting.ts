import type { ErrorCode } from '../../src/errors.js'

/**
 * What has become of everything that came in. Nothing is in two places and nothing is nowhere:
 * received = learned + skipped + dropped + late + duplicates + withdrawn + dead + queued.
 */
export interface Accounting {
  /** Values that came in: observations, and messages that could not be made into one. */
  readonly received: number
  /** Predicted and learned. During the warm-up: kept to be learned at its end. */
  readonly learned: number
  /** Predicted, but not learned: the update was rejected or left out under load; the estimate says why. */
  readonly skipped: number
  /** Not looked at: more came than the overflow policy lets wait. */
  readonly dropped: number
  /** Older than the window of the learner. */
  readonly late: number
  /** There before. */
  readonly duplicates: number
  /** Taken back by their source before their turn came, and the retractions that did. */
  readonly withdrawn: number
  /** Put aside for any other reason. */
  readonly dead: number
  /** Waiting: for the learner, for workers, or for what may still come before them. */
  readonly queued: number
}

/** Codes that are counted by a name of their own. */
const NAMED: Partial<Record<ErrorCode, 'dropped' | 'late' | 'duplicates' | 'withdrawn'>> = {
  OBSERVATION_DROPPED: 'dropped',
  OBSERVATION_LATE: 'late',
  OBSERVATION_DUPLICATE: 'duplicates',
  OBSERVATION_WITHDRAWN: 'withdrawn',
}

/** @param deadLetters All that was put aside, by code. */
export function accounting(
  received: number,
  estimates: { readonly learned: number; readonly skipped: number },
  deadLetters: ReadonlyMap<ErrorCode, number>,
): Accounting {
  const aside = { dropped: 0, late: 0, duplicates: 0, withdrawn: 0, dead: 0 }
  let done = estimates.learned + estimates.skipped
  for (const [code, count] of deadLetters) {
    aside[NAMED[code] ?? 'dead'] += count
    done += count
  }
  return { received, ...estimates, ...aside, queued: received - done }
}
