import { describe, expect, it } from 'vitest'
import type { LineOptions } from '../../../../streams/feeds/bytes/line-splitter.js'
import { linesOf } from '../../../../streams/feeds/bytes/lines.js'
import type { TextRecord } from '../../../../streams/feeds/records.js'

const MIB = 1 << 20

async function read(...chunks: Uint8Array[]): Promise<string[]> {
  async function* stream() {
    yield* chunks
  }
  const lines: string[] = []
  for await (const batch of linesOf(stream())) lines.push(...batch.map(({ text }) => text))
  return lines
}

const bytes = (text: string) => Buffer.from(text)

describe('linesOf', () => {
  it.each([
    ['nothing', '', []],
    ['one line', 'a\n', ['a']],
    ['a last line without its end', 'a\nb', ['a', 'b']],
    ['a last line that ends in a carriage return', 'a\r\nb\r', ['a', 'b']],
    ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
    ['both kinds of line end', 'a\nb\r\nc\n', ['a', 'b', 'c']],
    ['empty lines, so that the others keep their numbers', '\n\na\n\n', ['', '', 'a', '']],
    ['a carriage return inside a line', 'a\rb\n', ['a\rb']],
    ['a byte order mark', '\uFEFFa\nb', ['a', 'b']],
    ['a byte order mark alone', '\uFEFF', []],
    ['a byte order mark in the middle, which belongs to its line', 'a\n\uFEFFb\n', ['a', '\uFEFFb']],
    ['separators of Unicode, which do not end a line of JSON', 'a\u2028b\u2029c\u0085d\n', ['a\u2028b\u2029c\u0085d']],
  ])('reads %s', async (_what, text, expected) => {
    expect(await read(bytes(text))).toEqual(expected)
  })

  const TEXT = '\uFEFF{"t":1}\r\nzwölf €, 🚰\n\r\n日本\r\nend'
  const LINES = ['{"t":1}', 'zwölf €, 🚰', '', '日本', 'end']

  it('gives the same lines wherever the stream is cut, inside a character too', async () => {
    const whole = bytes(TEXT)
    for (let cut = 0; cut <= whole.length; cut++)
      expect(await read(whole.subarray(0, cut), whole.subarray(cut)), `cut at ${cut}`).toEqual(LINES)
  })

  it('gives the same lines byte by byte', async () => {
    expect(await read(...Array.from(bytes(TEXT), byte => Uint8Array.of(byte)))).toEqual(LINES)
  })

  it('does not change the bytes it is given, nor read around them', async () => {
    const shared = bytes('xxxa\nbxxx')
    expect(await read(shared.subarray(3, 6))).toEqual(['a', 'b'])
    expect(shared.toString()).toBe('xxxa\nbxxx')
  })

  it('marks bytes that are no UTF-8, and goes on', async () => {
    expect(await read(Uint8Array.of(0x61, 0xff, 0x0a, 0xe2, 0x82), Uint8Array.of(0x0a, 0x62))).toEqual([
      'a\uFFFD',
      '\uFFFD',
      'b',
    ])
  })

  it('F25: keeps only the beginning of a line that never seems to end, says how long it was, and reads the next one whole', async () => {
    const chunk = bytes('x'.repeat(65536))
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    async function* stream() {
      for (let i = 0; i < 16 * 16; i++) {
        yield chunk
        most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      }
      yield bytes('y\nok\n')
    }
    const records: TextRecord[] = []
    for await (const batch of linesOf(stream())) records.push(...batch)
    expect(records).toEqual([
      { text: `${'x'.repeat(200)}… (${16 * MIB + 1} bytes)`, line: 1, offset: 0, flaw: 'too-large' },
      { text: 'ok', line: 2, offset: 16 * MIB + 2 },
    ])
    // The limit twice, and what has not been collected yet; not sixteen times.
    expect(most).toBeLessThan(6 * MIB)
  })

  it('asks for the next chunk only when the lines of the last one have been taken', async () => {
    let given = 0
    async function* stream() {
      for (;;) yield bytes(`${++given}\n`)
    }
    for await (const batch of linesOf(stream())) {
      expect(batch).toMatchObject([{ text: `${given}`, line: given }])
      if (given === 5) break
    }
    expect(given).toBe(5)
  })

  it('passes on the error of the stream', async () => {
    async function* stream() {
      yield bytes('a\nb')
      throw new Error('torn')
    }
    const lines: string[] = []
    const reading = (async () => {
      for await (const batch of linesOf(stream())) lines.push(...batch.map(({ text }) => text))
    })()
    await expect(reading).rejects.toThrow('torn')
    expect(lines).toEqual(['a'])
  })
})

describe('linesOf, what it says about a record', () => {
  async function records(options: LineOptions, ...chunks: Uint8Array[]) {
    async function* stream() {
      yield* chunks
    }
    const all: TextRecord[] = []
    for await (const batch of linesOf(stream(), options)) all.push(...batch)
    return all
  }

  it('F41: gives the lines without what ends them, and offsets from which the rest of the stream reads the same, whatever ends the lines', async () => {
    const text = bytes('\uFEFF{"t":1}\r\nzwölf\n\n日本\r\nend')
    const all = await records({}, text)
    expect(all.map(({ text }) => text)).toEqual(['{"t":1}', 'zwölf', '', '日本', 'end'])
    for (const [i, { offset, line }] of all.entries())
      expect(await records({ start: { offset, line } }, text.subarray(offset))).toEqual(all.slice(i))
  })

  it('marks what is no UTF-8', async () => {
    expect(await records({}, Uint8Array.of(0x61, 0xff, 0x0a, 0x62, 0x0a))).toEqual([
      { text: 'a\uFFFD', line: 1, offset: 0, flaw: 'not-utf8' },
      { text: 'b', line: 2, offset: 3 },
    ])
  })

  it('F40: marks a last line without its end where a part of a line may look like a whole one', async () => {
    const all = await records({ openEnd: false }, bytes('1,12345\n2,12'))
    expect(all).toEqual([
      { text: '1,12345', line: 1, offset: 0 },
      { text: '2,12', line: 2, offset: 8, flaw: 'cut', open: 4 },
    ])
  })

  const QUOTED = 'a,"one\ntwo ""three""\r\n",b\nc,d\n'

  it('keeps line ends between quotes, wherever the stream is cut', async () => {
    const whole = bytes(QUOTED)
    for (let cut = 0; cut <= whole.length; cut++)
      expect(await records({ quoted: true }, whole.subarray(0, cut), whole.subarray(cut)), `cut at ${cut}`).toEqual([
        { text: 'a,"one\ntwo ""three""\r\n",b', line: 1, offset: 0 },
        { text: 'c,d', line: 4, offset: 26 },
      ])
  })

  it('does not take the rest of the stream for quoted when a quote is never closed', async () => {
    const all = await records({ quoted: true, maxLine: 100 }, bytes(`a,"b\n${'c,d\n'.repeat(40)}`))
    expect(all[0]!.flaw).toBe('too-large')
    expect(all.at(-1)).toMatchObject({ text: 'c,d' })
    expect(all.length).toBeGreaterThan(10)
  })
})
