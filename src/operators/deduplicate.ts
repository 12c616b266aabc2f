import { defer, filter, type MonoTypeOperatorFunction } from 'rxjs'
import type { Observation } from '../observation.js'
import { requireCount } from '../require-option.js'
import type { Keep } from '../storable.js'
import { Duplicates } from './duplicates.js'

/** How many observations are remembered, and what becomes of those that come again. */
export interface DeduplicateOptions {
  /** Default 256. */
  readonly memory?: number
  /** The memory itself, when it is to outlive a subscription. */
  readonly duplicates?: Duplicates
  /** Gets what has been there before; without it, it is dropped. */
  readonly dropped?: (observation: Observation) => void
  /** Gets the memory at subscription. */
  readonly keep?: Keep
}

/**
 * Drops the observations of one key that have been there before: by number, else by id, else by time and values.
 *
 *     in    --a--b--a--c--b--|
 *     out   --a--b-----c-----|
 */
export function deduplicate(options: DeduplicateOptions = {}): MonoTypeOperatorFunction<Observation> {
  const { memory = 256, dropped, keep } = options
  requireCount('memory', memory)
  return source =>
    defer(() => {
      const duplicates = options.duplicates ?? new Duplicates(memory)
      keep?.(duplicates)
      return source.pipe(
        filter(observation => {
          const seen = duplicates.seen(observation)
          if (seen) dropped?.(observation)
          return !seen
        }),
      )
    })
}
