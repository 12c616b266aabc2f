import { Random } from '../../src/random.js'

/** Pieces that parsers have fallen over. */
const EVIL = [
  ...[
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '\\u0000',
    '\\ud800',
    '\u0000',
    '\uFEFF',
    '\u2028',
    "'",
    '\t',
    '  ',
    ';',
  ],
  ...[
    '1e999',
    '-1e999',
    'NaN',
    'Infinity',
    '-0',
    '-',
    '1e',
    '0x10',
    '1_000',
    '99999999999999999999999',
    '4e-324',
    'null',
  ],
  ...[
    'true',
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '"t"',
    '"y"',
    '"key"',
    '"values"',
    '"t":1',
    '"y":[1]',
    '{}',
    '[]',
  ],
  ...['__proto__', '2026-02-30T00:00:00Z', '1700000000000', '[['.repeat(20), '{"a":'.repeat(20), 'x'.repeat(300), '🚰'],
].map(text => Buffer.from(text))
/** Bytes that are no UTF-8. */
const BROKEN = [
  Buffer.of(0xff),
  Buffer.of(0xc3),
  Buffer.of(0xed, 0xa0, 0x80),
  Buffer.of(0xf8, 0x88),
  Buffer.of(0xc0, 0x80),
]

/** Messages of which most are damaged, the same ones for the same seed. None holds a line end, but CSV may hold any quote. */
export class MutatedMessages {
  readonly #random: Random
  readonly #sound: (n: number) => string

  /** @param sound The n-th message as it should be. */
  constructor(seed: number, sound: (n: number) => string) {
    this.#random = new Random(seed)
    this.#sound = sound
  }

  /** The n-th message: sound once in eight times, else with one to four damages. */
  next(n: number): Buffer {
    let bytes: Buffer = Buffer.from(this.#sound(n))
    const damages = this.#below(8) === 0 ? 0 : 1 + this.#below(4)
    for (let i = 0; i < damages; i++) bytes = this.#damage(bytes)
    return Buffer.from(bytes.map(byte => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)))
  }

  #damage(bytes: Buffer): Buffer {
    const [at, length] = [this.#below(bytes.length + 1), this.#below(6)]
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + length)]
    const kind = this.#below(10)
    if (kind === 0) return before
    if (kind === 1) return Buffer.concat([before, bytes.subarray(this.#below(at + 1))])
    if (kind === 2) return Buffer.concat([before, this.#pick(BROKEN), after])
    if (kind === 3 && at < bytes.length) {
      const flipped = Buffer.from(bytes)
      flipped[at] = flipped[at]! ^ (1 << this.#below(8))
      return flipped
    }
    return Buffer.concat([before, this.#pick(EVIL), after])
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!
  }

  #below(n: number): number {
    return Math.floor(this.#random.uniform() * n)
  }
}
