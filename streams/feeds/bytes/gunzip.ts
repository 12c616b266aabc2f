import { noticedAfter, SoundMembers } from './sound-members.js'
import { unzipInSteps } from './unzip-in-steps.js'

/**
 * Unzips a stream of bytes, one chunk after the other. When it is damaged, everything before the damage comes out first, to a
 * slow reader too; a pipeline of streams throws away what it holds when one of them fails. The error says up to which zipped
 * byte all was well.
 * @param again Gives the same bytes once more. With it nothing is given of a member whose checksum is wrong (as far as `SoundMembers` looks ahead);
 * without it a member is given up to the step in which zlib finds something wrong.
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  again?: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const members = again && new SoundMembers(again)
  let [given, zipped] = [0, 0]
  try {
    for await (const { parts, failure, cut, zipped: now } of unzipInSteps(chunks)) {
      for (const part of parts) {
        const sound = ((await members?.upTo(given + part.length)) ?? Infinity) - given
        if (sound > 0) yield part.subarray(0, sound)
        if (sound < part.length) throw members!.error
        given += part.length
      }
      if (failure) {
        if (!again || !members || cut) throw noticedAfter(zipped, failure)
        yield* between(again(), given, await members.upTo(Infinity), zipped)
        throw members.error ?? noticedAfter(zipped, failure)
      }
      zipped = now
    }
  } finally {
    await members?.close()
  }
}

/** The unzipped bytes from one to another. @param fineFrom Zipped bytes before the step in which the damage is. */
async function* between(
  chunks: AsyncIterable<Uint8Array>,
  from: number,
  to: number,
  fineFrom: number,
): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const { parts } of unzipInSteps(chunks, fineFrom))
    for (const part of parts) {
      const wanted = part.subarray(Math.max(0, from - at), Math.max(0, to - at))
      if (wanted.length > 0) yield wanted
      at += part.length
    }
}
