import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** How many of these are there for good. A collection may keep what it came by before it was asked for, so there are up to three. */
export async function survivors(references: readonly WeakRef<object>[]): Promise<number> {
  let left = 0
  for (let round = 0; round < 3; round++) {
    // What is referred to stays until the end of the turn.
    await new Promise(resolve => setImmediate(resolve))
    collect()
    left = references.filter(reference => reference.deref() !== undefined).length
    if (left === 0) break
  }
  return left
}

/**
 * Bytes of the heap that are in use, after everything else has been collected: what waits for a turn of the event loop, as finalizers
 * and closed handles do, has had some. One collection alone is off by some hundred KiB either way.
 */
export async function settledHeap(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 6; round++) {
    collect()
    least = Math.min(least, process.memoryUsage().heapUsed)
    for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
  }
  return least
}

/** By how much a quantity has grown from the first fifth of its readings on, along the line of least squares. */
export function growthOf(readings: readonly number[]): number {
  const rest = readings.slice(Math.floor(readings.length / 5))
  const n = rest.length
  const middle = (n - 1) / 2
  const mean = rest.reduce((sum, y) => sum + y, 0) / n
  const covariance = rest.reduce((sum, y, x) => sum + (x - middle) * (y - mean), 0)
  const variance = rest.reduce((sum, _, x) => sum + (x - middle) ** 2, 0)
  return n < 2 ? 0 : (covariance / variance) * (n - 1)
}
