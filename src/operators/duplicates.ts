import type { Observation } from '../observation.js'
import { requireCount } from '../require-option.js'
import type { Saved } from '../saved.js'
import type { Section } from '../section.js'
import type { Storable } from '../storable.js'

/** All that is remembered of the observations of one key. */
export interface DuplicatesState {
  /** Fingerprints of the last observations, a ring. */
  readonly ring: Float64Array
  /** How many there have been, the newest event time, and the highest number in the source. */
  readonly marks: Float64Array
}

/**
 * Knows an observation that has been there before: by its number in the source, else by its id, else by time and values.
 * Remembers so many, and takes numbers older than these as known, unless the source counts anew: an observation that is
 * newer than all before is never a duplicate by its number.
 */
export class Duplicates implements Storable {
  /** For checkpoints. */
  readonly state: DuplicatesState
  readonly #memory: number

  /** @param memory Observations that are remembered, 8 bytes each. */
  constructor(memory: number) {
    requireCount('memory', memory)
    this.#memory = memory
    this.state = {
      ring: new Float64Array(memory),
      marks: Float64Array.of(0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY),
    }
  }

  /** Remembers the observation. @returns Has it been there before? */
  seen(observation: Observation): boolean {
    if (observation.arrival === 'idle') return false
    const { marks } = this.state
    const { t, sequence } = observation
    const newer = t > marks[1]!
    if (sequence !== undefined && sequence <= marks[2]! - this.#memory) {
      if (!newer) return true
      this.#forget()
    }
    const fingerprint = fingerprintOf(observation)
    if (this.#knows(fingerprint)) {
      if (sequence === undefined || !newer) return true
      this.#forget()
    }
    this.#remember(fingerprint)
    if (observation.revision === undefined) marks[1] = Math.max(marks[1]!, t)
    if (sequence !== undefined) marks[2] = Math.max(marks[2]!, sequence)
    return false
  }

  save(): Saved {
    return { ...this.state }
  }

  restore(saved: Section): void {
    saved.into({ ...this.state })
  }

  #knows(fingerprint: number): boolean {
    const { ring, marks } = this.state
    const filled = Math.min(marks[0]!, this.#memory)
    for (let i = 0; i < filled; i++) if (ring[i] === fingerprint) return true
    return false
  }

  #remember(fingerprint: number): void {
    const { ring, marks } = this.state
    ring[marks[0]! % this.#memory] = fingerprint
    marks[0]!++
  }

  /** The source counts anew. */
  #forget(): void {
    const { marks } = this.state
    marks[0] = 0
    marks[2] = Number.NEGATIVE_INFINITY
  }
}

const numbers = new Float64Array(1)
const words = new Uint32Array(numbers.buffer)

/** 53 bits: two observations that differ have the same with a probability of 1e-16. */
function fingerprintOf({ t, y, id, sequence, revision }: Observation): number {
  const hash = new Hash()
  if (sequence !== undefined) hash.text('sequence').number(sequence)
  else if (id !== undefined && revision === undefined) hash.text('id').text(id)
  else {
    hash
      .text(revision ?? '')
      .text(id ?? '')
      .number(t)
    for (let j = 0; j < y.length; j++) hash.number(y[j]!)
  }
  return hash.value
}

/** Two independent multiply-and-rotate hashes of 32-bit words. */
class Hash {
  #a = 0x811c9dc5
  #b = 0x9e3779b9

  get value(): number {
    return (finish(this.#a) >>> 0) * 2097152 + (finish(this.#b) >>> 11)
  }

  number(x: number): this {
    numbers[0] = x === 0 || Number.isNaN(x) ? Math.abs(x) : x // one zero and one NaN
    return this.#word(words[0]!).#word(words[1]!)
  }

  text(characters: string): this {
    for (let i = 0; i < characters.length; i++) this.#word(characters.charCodeAt(i))
    return this.#word(characters.length)
  }

  #word(w: number): this {
    this.#a = rotate(Math.imul(this.#a ^ w, 0x85ebca6b), 13)
    this.#b = rotate(Math.imul(this.#b ^ w, 0xc2b2ae35), 17)
    return this
  }
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by))
}

function finish(x: number): number {
  const mixed = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  return Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b) ^ (mixed >>> 16)
}
