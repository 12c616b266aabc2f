import { ContraflowError } from '../../src/errors.js'
import { linesOf } from '../feeds/bytes/lines.js'
import { LogFile } from '../feeds/log/log-file.js'
import { gapAtEnd } from './gap-note.js'
import { fromRecordLine, type RecordedDelivery } from './record-line.js'
import { listSegments, type Segment, segmentAt } from './segments.js'

/**
 * The records of a recording, or of one file of it, behind number `after`, in order, a batch a chunk of a file. The last line of the last file may be
 * cut: it was never accepted. The first record that is wanted of a file says the names of the channels, if that file does.
 * @param skipped Told of numbers that are missing: a full disk, a file that was removed.
 * @throws ContraflowError FILE_DAMAGED at the first line that is not a record, after all before it; FILE_UNREADABLE.
 */
export async function* readSegments(
  place: string,
  after: number,
  signal: AbortSignal,
  skipped: (from: number, to: number) => void = () => {},
): AsyncGenerator<RecordedDelivery[]> {
  const { alone, segments } = await segmentsAt(place)
  let last = after
  for (const [i, segment] of segments.entries()) {
    // The next one begins at or before what is wanted: nothing of this one is.
    if (segments[i + 1] !== undefined && segments[i + 1]!.first <= after + 1) continue
    let channels: readonly string[] | undefined
    for await (const batch of readSegment(segment, signal)) {
      const wanted: RecordedDelivery[] = []
      for (const record of batch) {
        channels = record.channels ?? channels
        if (record.n <= last) continue
        wanted.push(channels && wanted.length === 0 ? { ...record, channels } : record)
      }
      for (const { n } of wanted) {
        if (n > last + 1) skipped(last + 1, n - 1)
        last = n
      }
      if (wanted.length > 0) yield wanted
    }
  }
  const gap = alone ? undefined : gapAtEnd(place)
  if (gap !== undefined && gap.last > last) skipped(last + 1, gap.last)
}

async function segmentsAt(place: string): Promise<{ readonly alone: boolean; readonly segments: readonly Segment[] }> {
  const segments = await listSegments(place)
  const alone = segments.length === 0 ? segmentAt(place) : undefined
  return alone ? { alone: true, segments: [alone] } : { alone: false, segments }
}

/** All records of one file. @param complete Told how many bytes hold whole records so far. */
export async function* readSegment(
  { path }: Segment,
  signal: AbortSignal,
  complete: (bytes: number) => void = () => {},
): AsyncGenerator<RecordedDelivery[]> {
  const log = await LogFile.open(path)
  try {
    for await (const lines of linesOf(log.read(signal), { openEnd: false })) {
      const records: RecordedDelivery[] = []
      for (const { text, line, offset, flaw } of lines) {
        if (flaw === 'cut') continue
        complete(offset + Buffer.byteLength(text) + 1)
        const record = flaw === undefined ? fromRecordLine(text) : undefined
        if (record === undefined) {
          if (records.length > 0) yield records
          throw new ContraflowError('FILE_DAMAGED', {
            received: text,
            expected: 'a line of a recording',
            place: `${path}:${line}`,
          })
        }
        records.push(record)
      }
      yield records
    }
  } finally {
    await log.close()
  }
}
