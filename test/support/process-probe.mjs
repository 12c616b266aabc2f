/**
 * Loaded into a process before it begins (`node --import`): at SIGUSR2 it adds what it has seen since the last time as a line of JSON
 * to the file that PROBE names; before it measures the heap it is collected when PROBE_GC is set. See probe.ts.
 */
import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds between looks at the event loop; the histogram has them in it. */
const RESOLUTION = 2
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION })
histogram.enable()
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
let estimates = 0

const stringify = JSON.stringify
JSON.stringify = (value, ...rest) => {
  if (value !== null && typeof value === 'object' && 'predicted' in value) estimates++
  return stringify(value, ...rest)
}

process.on('SIGUSR2', async () => {
  const late = nanoseconds => Math.max(0, nanoseconds / 1e6 - RESOLUTION)
  const loop = { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), most: late(histogram.max) }
  let heap = Number.POSITIVE_INFINITY
  for (let round = 0; round < 4; round++) {
    if (process.env.PROBE_GC) collect()
    heap = Math.min(heap, process.memoryUsage().heapUsed)
    await new Promise(resolve => setImmediate(resolve))
  }
  const seen = { loop, estimates, heap, resources: process.getActiveResourcesInfo().length }
  appendFileSync(process.env.PROBE, `${stringify(seen)}\n`)
  estimates = 0
  histogram.reset()
})
