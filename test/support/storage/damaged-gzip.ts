import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { logFeed } from '../../../streams/feeds/log/log.js'
import { feedContext, outline, watchFeed } from '../feeds.js'
import { temporaryFile } from '../temporary.js'

const MEMBERS = 4
const EACH = 10

/** A log in four members of ten lines. */
const members = Array.from({ length: MEMBERS }, (_, m) =>
  gzipSync(Array.from({ length: EACH }, (_, n) => `{"t":${EACH * m + n},"y":[${n}.5]}\n`).join('')),
)
const whole = Buffer.concat(members)
const starts = members.map((_, m) => members.slice(0, m).reduce((sum, { length }) => sum + length, 0))

/**
 * Damages a small log of several gzip members in every one of the ways given, at every byte. No wrong value is ever read;
 * of what comes before the damage at most the member in which it is is missing; and where something is missing it is said, with
 * the byte up to which all was well.
 * @returns How often it was damaged, and how often less than all could be read.
 */
export async function damageGzip(
  ways: readonly ((bytes: Buffer, place: number) => Buffer)[],
): Promise<{ readonly damaged: number; readonly less: number }> {
  const path = temporaryFile('log.gz')
  let less = 0
  for (let place = 0; place < whole.length; place++)
    for (const [way, damage] of ways.entries()) {
      const what = `byte ${place}, way ${way}`
      writeFileSync(path, damage(Buffer.from(whole), place))
      const watch = watchFeed(logFeed({ path }, feedContext()))
      await watch.end
      const found = outline(watch.values)
      const good = found.filter(one => typeof one === 'number')
      expect(found.slice(0, good.length), what).toEqual([...good.keys()])
      // A member is given or not, but for one that ends too soon.
      const { code, received = '' } = (watch.error ?? {}) as { code?: string; received?: string }
      if (!received.startsWith('unexpected end')) expect(good.length % EACH, what).toBe(0)
      const before = starts.filter(start => start <= place).length - 1
      expect(good.length, what).toBeGreaterThanOrEqual(EACH * before)
      if (good.length === MEMBERS * EACH) continue
      less++
      if (code === undefined && place === starts[before]) continue // cut between two members, or at once: a whole file
      expect(code ?? found.find(one => typeof one !== 'number'), what).toMatch(/^(FILE_DAMAGED|OBSERVATION_)/)
      if (code !== undefined) {
        const noticed = /noticed after byte (\d+) of the zipped file$/.exec(received)
        // Not before the member in which it is.
        expect(Number(noticed?.[1]), what).toBeGreaterThanOrEqual(starts[before]!)
      }
    }
  return { damaged: whole.length * ways.length, less }
}

/** All bits of a byte are turned. */
export const turnByte = (bytes: Buffer, place: number): Buffer => {
  bytes[place]! ^= 0xff
  return bytes
}

/** Each bit of a byte in turn. */
export const turnBits = Array.from({ length: 8 }, (_, bit) => (bytes: Buffer, place: number): Buffer => {
  bytes[place]! ^= 1 << bit
  return bytes
})

export const cut = (bytes: Buffer, place: number): Buffer => bytes.subarray(0, place)
