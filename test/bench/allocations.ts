import { type HeapProfiler, Session } from 'node:inspector/promises'
import { basename } from 'node:path'

/** What was allocated while something ran: garbage as well as what stays. */
export interface Allocations {
  readonly bytes: number
  /** By function, most first. */
  readonly functions: readonly { readonly name: string; readonly bytes: number }[]
}

/** Bytes between two samples, on average: small enough for a few percent over a few megabytes. */
const INTERVAL = 1024

/** Samples the allocations of V8's heap while `act` runs; buffers outside of the heap count as the objects that hold them. */
export async function allocationsOf(act: () => unknown): Promise<Allocations> {
  const session = new Session()
  session.connect()
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: INTERVAL,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  } as HeapProfiler.StartSamplingParameterType)
  await act()
  const { profile } = await session.post('HeapProfiler.stopSampling')
  session.disconnect()
  const byName = new Map<string, number>()
  gather(profile.head, byName)
  const functions = Array.from(byName, ([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes)
  return { bytes: functions.reduce((sum, { bytes }) => sum + bytes, 0), functions }
}

function gather(
  { callFrame, selfSize, children }: HeapProfiler.SamplingHeapProfileNode,
  into: Map<string, number>,
): void {
  const { functionName, url } = callFrame
  const name = `${functionName || '(anonymous)'}${url ? ` in ${basename(url)}` : ''}`
  if (selfSize > 0) into.set(name, (into.get(name) ?? 0) + selfSize)
  for (const child of children) gather(child, into)
}
