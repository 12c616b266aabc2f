import { stat, truncate } from 'node:fs/promises'
import { readSegment } from './read-segments.js'
import type { Segment } from './segments.js'

/** What a recording ends with: the number of its last record, and the names of its channels, if it says them. */
export interface Tail {
  readonly last: number
  readonly channels?: readonly string[]
}

/** How the newest file ends, and how many bytes of it hold whole records. @throws ContraflowError FILE_DAMAGED, FILE_UNREADABLE. */
export async function readTail(segment: Segment): Promise<Tail & { readonly bytes: number }> {
  let tail: Tail = { last: segment.first - 1 }
  let bytes = 0
  for await (const records of readSegment(segment, new AbortController().signal, end => {
    bytes = end
  }))
    for (const { n: last, channels = tail.channels } of records) tail = { last, ...(channels && { channels }) }
  return { ...tail, bytes }
}

/** As `readTail`; what was torn there is cut off. */
export async function mendTail(segment: Segment, log: (line: string) => void): Promise<Tail> {
  const { bytes, ...tail } = await readTail(segment)
  if (segment.zipped) return tail
  const { size } = await stat(segment.path)
  if (size > bytes) {
    await truncate(segment.path, bytes)
    log(`${segment.path}: a torn record of ${size - bytes} bytes was cut off`)
  }
  return tail
}
