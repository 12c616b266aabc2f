import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { LoadGauge } from './load.js'

/**
 * Tells a gauge after every full garbage collection how much of the heap that V8 may use is in use: what could be collected has been,
 * so that garbage is no load.
 * @returns Ends it.
 */
export function guardHeap(gauge: LoadGauge): () => void {
  const observer = new PerformanceObserver(list => {
    const full = list.getEntries().some(entry => kindOf(entry) === constants.NODE_PERFORMANCE_GC_MAJOR)
    if (full) gauge.fill(heapInUse())
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}

function heapInUse(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return used / limit
}

/** The types of Node 20 do not know where it is. */
function kindOf(entry: PerformanceEntry): number | undefined {
  return (entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } }).detail?.kind
}
