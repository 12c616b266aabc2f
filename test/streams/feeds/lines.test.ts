import { describe, expect, it } from 'vitest'
import { linesOf } from '../../../streams/feeds/lines.js'

const MIB = 1 << 20

async function read(...chunks: Uint8Array[]): Promise<string[]> {
  async function* stream() {
    yield* chunks
  }
  const lines: string[] = []
  for await (const batch of linesOf(stream())) lines.push(...batch)
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

  it('cuts a line that never seems to end, and reads the next one whole', async () => {
    const chunk = bytes('x'.repeat(65536))
    const lines = await read(...new Array<Uint8Array>(5 * 16).fill(chunk), bytes('y\nok\n'))
    expect(lines).toHaveLength(2)
    expect(lines[0]!.length).toBeLessThanOrEqual(MIB + 1)
    expect(lines[0]!.length).toBeGreaterThanOrEqual(MIB)
    expect(lines[1]).toBe('ok')
  })

  it('asks for the next chunk only when the lines of the last one have been taken', async () => {
    let given = 0
    async function* stream() {
      for (;;) yield bytes(`${++given}\n`)
    }
    for await (const batch of linesOf(stream())) {
      expect(batch).toEqual([`${given}`])
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
      for await (const batch of linesOf(stream())) lines.push(...batch)
    })()
    await expect(reading).rejects.toThrow('torn')
    expect(lines).toEqual(['a'])
  })
})
