import type { Arena } from './arena.js'

/** How steps are judged and followed: the numbers of `Stepper` in assembly/stepper.ts. */
export interface StepperSettings {
  readonly rtol: number
  readonly atol: number
  /** Components that enter the norm, from the first. */
  readonly normed: number
  /** Of the last three errors, divided by the order. */
  readonly exponents: readonly [number, number, number]
  readonly order: number
  readonly safety: number
  readonly margin: number
  readonly shrinkLimit: number
  readonly growthLimit: number
  /** ln of factor / margin from which on the growth limit decides. */
  readonly logarithmLimit: number
  readonly shrinkAccepted: boolean
  /** Weights of the error estimate, and of a second one, or an empty array. */
  readonly weights: Float64Array
  readonly weightsLow: Float64Array
  readonly firstSameAsLast: boolean
  readonly showsStiffness: boolean
  readonly stability: number
  /** Suspicious steps that make a field stiff, and calm ones that clear it. */
  readonly alarm: number
  readonly clear: number
}

const DOUBLES = 18
const WORDS = 11
const [STATE, TIME] = [12, 17]
const [FIRST, EVALUATIONS, ATTEMPTS] = [8, 9, 10]

/** What the kernels know of an integrator. */
export class Stepper {
  readonly address: number
  /** The step to try next, ln of two errors, the two counts of the detector [5]. */
  readonly state: Float64Array
  readonly #doubles: Float64Array
  readonly #words: Uint32Array

  private constructor(arena: Arena, settings: StepperSettings) {
    const { weights, weightsLow, exponents } = settings
    const at = Math.ceil((DOUBLES * 8 + WORDS * 4) / 8) * 8
    const address = arena.allocate(at + (weights.length + weightsLow.length) * 8, this)
    this.address = address
    this.#doubles = arena.float64(address, DOUBLES)
    this.#words = new Uint32Array(arena.memory.buffer, address + DOUBLES * 8, WORDS)
    this.state = this.#doubles.subarray(STATE, STATE + 5)
    const { rtol, atol, order, safety, margin, shrinkLimit, growthLimit, logarithmLimit, stability } = settings
    if (address === 0) return
    this.#doubles.set([
      rtol,
      atol,
      ...exponents,
      order,
      safety,
      margin,
      shrinkLimit,
      growthLimit,
      logarithmLimit,
      stability,
    ])
    const low = at + weights.length * 8
    arena.float64(address + at, weights.length).set(weights)
    arena.float64(address + low, weightsLow.length).set(weightsLow)
    const flags = [settings.shrinkAccepted, settings.showsStiffness, settings.firstSameAsLast].map(Number)
    const addresses = [address + at, weightsLow.length > 0 ? address + low : 0]
    this.#words.set([settings.normed, ...flags, ...addresses, settings.alarm, settings.clear])
  }

  /** Undefined when there is no room. */
  static create(arena: Arena, settings: StepperSettings): Stepper | undefined {
    const stepper = new Stepper(arena, settings)
    return stepper.address === 0 ? undefined : stepper
  }

  /** Before a stretch. @param first 1: its first slope is in the first record. */
  begin(t: number, first: 0 | 1): void {
    this.#doubles[TIME] = t
    this.#words[FIRST] = first
    this.#words[EVALUATIONS] = 0
    this.#words[ATTEMPTS] = 0
  }

  /** Where the stretch has come to. */
  get t(): number {
    return this.#doubles[TIME]!
  }

  /** 1: the first slope of the step that comes next is in its record. */
  get first(): 0 | 1 {
    return this.#words[FIRST] as 0 | 1
  }

  /** Steps tried in this stretch, and evaluations of f for them. */
  get attempts(): number {
    return this.#words[ATTEMPTS]!
  }

  get evaluations(): number {
    return this.#words[EVALUATIONS]!
  }
}
