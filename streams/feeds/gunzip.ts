import { createGunzip } from 'node:zlib'

/** Bytes that are unzipped in one step: they become a thousand times as many at most, which have to lie in memory. */
const STEP = 16 << 10

/**
 * Unzips a stream of bytes, one chunk after the other. When it is damaged, everything before the damage comes out first, to a
 * slow reader too; a pipeline of streams throws away what it holds when one of them fails.
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip()
  const unzipped: Uint8Array[] = []
  let failure: Error | undefined
  let wake = () => {}
  /** Resolves when a step is done, or when nothing more will be. */
  const settled = (step: (done: () => void) => void) =>
    new Promise<void>(resolve => {
      wake = resolve
      step(resolve)
    })
  unzip
    .on('data', (part: Buffer) => unzipped.push(part))
    .on('end', () => wake())
    .on('error', error => {
      failure = error
      wake()
    })
  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.length; start += STEP) {
        await settled(done => unzip.write(chunk.subarray(start, start + STEP), done))
        yield* unzipped.splice(0)
        if (failure) throw failure
      }
    }
    await settled(() => unzip.end())
    yield* unzipped.splice(0)
    if (failure) throw failure
  } finally {
    unzip.destroy()
  }
}
