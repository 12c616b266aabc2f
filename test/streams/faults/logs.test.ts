import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { logFeed } from '../../../streams/feeds/log/log.js'
import { feedContext, outline, watchFeed } from '../../support/feeds.js'
import { cutLog } from '../../support/storage/cut-log.js'
import { damageGzip, turnByte } from '../../support/storage/damaged-gzip.js'
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

it('F42: a gzip in which a byte is another gives no wrong value, says so where something is missing, and loses no more than a member and what follows it', async () => {
  const { damaged, less } = await damageGzip([turnByte])
  expect(damaged).toBeGreaterThan(200)
  expect(less).toBeGreaterThan(damaged / 2)
})

it('F40: a log that was cut, at whatever byte, gives its whole lines, says what is wrong with the last, and can be added to', async () => {
  expect(await cutLog(200)).toEqual({ cuts: 201, lines: expect.any(Number) })
})
