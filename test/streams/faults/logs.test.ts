import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { logFeed } from '../../../streams/feeds/log.js'
import { feedContext, outline, watchFeed } from '../../support/feeds.js'
import { temporaryFile } from '../../support/temporary.js'

const line = (n: number) => `{"t":${n},"y":[${n}.5]}`
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

async function read(bytes: Uint8Array) {
  const path = temporaryFile('log')
  writeFileSync(path, bytes)
  const watch = watchFeed(logFeed({ path }, feedContext()))
  await watch.end
  return { found: outline(watch.values), error: watch.error as { code?: string } | undefined }
}

describe('F41: a log', () => {
  const text = (end: string) =>
    numbers(50)
      .map(n => line(n) + end)
      .join('')
  const variants: readonly [string, string][] = [
    ['LF', text('\n')],
    ['CRLF', text('\r\n')],
    ['LF after a byte order mark', `\uFEFF${text('\n')}`],
    ['CRLF after a byte order mark', `\uFEFF${text('\r\n')}`],
  ]
  it.each(variants)('with %s is the same, zipped or not', async (_what, content) => {
    const bytes = Buffer.from(content)
    for (const one of [bytes, gzipSync(bytes)]) {
      const { found, error } = await read(one)
      expect([found, error]).toEqual([numbers(50), undefined])
    }
  })

  it('has a byte order mark only at its very beginning', async () => {
    const { found } = await read(Buffer.from(`${line(0)}\n\uFEFF${line(1)}\n${line(2)}\n`))
    expect(found).toEqual([0, 'OBSERVATION_NOT_JSON', 2])
  })
})

describe('F42: a gzip in which a byte is another', () => {
  it('gives no wrong value, says so where something is missing, and loses no more than a member and what follows it', async () => {
    const members = [0, 10, 20, 30].map(from =>
      gzipSync(
        numbers(10)
          .map(n => `${line(from + n)}\n`)
          .join(''),
      ),
    )
    const whole = Buffer.concat(members)
    const starts = members.map((_, i) => members.slice(0, i).reduce((sum, { length }) => sum + length, 0))
    for (let place = 0; place < whole.length; place++) {
      const damaged = Buffer.from(whole)
      damaged[place]! ^= 0xff
      const { found, error } = await read(damaged)
      const good = found.filter(one => typeof one === 'number')
      expect(good, `byte ${place}`).toEqual(numbers(good.length))
      const before = starts.filter(start => start <= place).length - 1
      expect(good.length, `byte ${place}`).toBeGreaterThanOrEqual(10 * before)
      if (good.length < 40)
        expect(error?.code ?? found.find(one => typeof one !== 'number'), `byte ${place}`).toMatch(
          /^(FILE_DAMAGED|OBSERVATION_)/,
        )
    }
  })
})
