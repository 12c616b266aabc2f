import { log } from './elementary.js'

/**
 * A seeded generator, xoshiro128** (Blackman & Vigna 2021, doi:10.1145/3460772): same seed, same numbers on every machine.
 * Its whole state is `state`, four 32-bit words, and can be stored and restored.
 */
export class Random {
  /** For checkpoints. */
  readonly state: Uint32Array

  /** @param seed A whole number from 0 to 2^53 − 1. */
  constructor(seed: number) {
    this.state = new Uint32Array(4)
    let s = seed >>> 0
    // SplitMix32 spreads the seed; a seed above 2^32 enters with its upper half too.
    s ^= Math.imul(Math.floor(seed / 4294967296) >>> 0, 0x9e3779b9)
    for (let i = 0; i < 4; i++) {
      s = (s + 0x9e3779b9) >>> 0
      let x = s
      x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
      x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
      this.state[i] = x ^ (x >>> 16)
    }
    this.state[0]! |= 1 // never all zero
  }

  /** 32 random bits. */
  bits(): number {
    const s = this.state
    const [a, b, c, d] = [s[0]!, s[1]!, s[2]!, s[3]!]
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const e = d ^ b
    const f = c ^ a
    s[1] = b ^ f
    s[0] = a ^ e
    s[2] = f ^ (b << 9)
    s[3] = (e << 11) | (e >>> 21)
    return result
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return (this.bits() >>> 5) * 1.1102230246251565e-16 * 67108864 + (this.bits() >>> 6) * 1.1102230246251565e-16
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    for (;;) {
      const u = 2 * this.uniform() - 1
      const v = 2 * this.uniform() - 1
      const s = u * u + v * v
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * log(s)) / s)
    }
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -log(1 - this.uniform())
  }
}
