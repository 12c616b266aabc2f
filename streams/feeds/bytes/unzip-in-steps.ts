import { Unzipper } from './unzipper.js'

/** Bytes that are unzipped in one step: they become a thousand times as many at most, which have to lie in memory. */
const STEP = 16 << 10
const MAGIC = Buffer.of(0x1f, 0x8b, 0x08)

/** What has come out when so many bytes are in. */
export interface UnzippedStep {
  readonly parts: readonly Uint8Array[]
  /** Zipped bytes so far, and unzipped ones. */
  readonly zipped: number
  readonly unzipped: number
  /** Unzipped bytes up to the end of the last member that is over, whose checksum was right. */
  readonly sound: number
  /** Set in the last step, when there is one. zlib keeps what it has unzipped of that step. */
  readonly failure?: Error
  /** Was all well so far, and only the end missing? */
  readonly cut?: boolean
}

/**
 * Unzips a stream of bytes; a step ends wherever a member may begin. That a member is over is seen from its length, which stands at its end.
 * @param fineFrom Byte by byte behind so many.
 */
export async function* unzipInSteps(
  chunks: AsyncIterable<Uint8Array>,
  fineFrom = Number.POSITIVE_INFINITY,
): AsyncGenerator<UnzippedStep> {
  const unzipper = new Unzipper()
  let [zipped, unzipped, sound] = [0, 0, 0]
  let tail = Buffer.alloc(4)
  const after = (parts: readonly Uint8Array[], cut: boolean): UnzippedStep => {
    for (const { length } of parts) unzipped += length
    const { failure } = unzipper
    if (!failure && tail.readUInt32LE() === (unzipped - sound) % 2 ** 32) sound = unzipped
    return { parts, zipped, unzipped, sound, ...(failure && { failure, cut }) }
  }
  try {
    for await (const chunk of chunks)
      for (let start = 0; start < chunk.length; ) {
        const end = zipped < fineFrom ? endOfStep(chunk, start) : start + 1
        const step = chunk.subarray(start, end)
        const parts = await unzipper.write(step)
        zipped += step.length
        tail = Buffer.concat([tail, step.subarray(-4)]).subarray(-4)
        yield after(parts, false)
        if (unzipper.failure) return
        start = end
      }
    yield after(await unzipper.end(), true)
  } finally {
    unzipper.close()
  }
}

/** Where a member may begin, or would if the next chunk went on so. */
function endOfStep(chunk: Uint8Array, start: number): number {
  const end = Math.min(start + STEP, chunk.length)
  const member = Buffer.from(chunk.buffer, chunk.byteOffset, end).indexOf(MAGIC, start + 1)
  if (member > 0) return member
  for (const length of [2, 1])
    if (end - length > start && MAGIC.subarray(0, length).equals(chunk.subarray(end - length, end))) return end - length
  return end
}
