import { type SimulateOptions, simulate } from '../simulate/simulate.js'
import type { Feed, FeedContext } from './feed.js'
import { pumpRecords } from './pump.js'
import type { RecordBatch } from './records.js'

/** A simulated system as a source. `speed` is event time against the clock, default max. */
export function simulateFeed(
  options: SimulateOptions & { readonly speed?: number | 'max' },
  context: FeedContext,
): Feed {
  const { speed = 'max' } = options
  return pumpRecords(() => lineByLine(options, context.from?.message ?? 1), { speed }, context)
}

async function* lineByLine(options: SimulateOptions, from: number): AsyncGenerator<RecordBatch> {
  let line = 0
  let offset = 0
  for (const text of simulate(options)) {
    if (++line >= from) yield { name: options.system, records: [{ text, line, offset }] }
    offset += text.length + 1
  }
}
