import { type SimulateOptions, simulate } from '../simulate/simulate.js'
import type { Feed, FeedContext } from './feed.js'
import { pumpLines } from './pump.js'

/** A simulated system as a source. `speed` is event time against the clock, default max. */
export function simulateFeed(
  options: SimulateOptions & { readonly speed?: number | 'max' },
  context: FeedContext,
): Feed {
  const { speed = 'max' } = options
  return pumpLines(() => lineByLine(options), { name: options.system, speed }, context)
}

async function* lineByLine(options: SimulateOptions): AsyncGenerator<string[]> {
  for (const line of simulate(options)) yield [line]
}
