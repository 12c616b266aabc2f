import { exp, log, power } from '../../elementary.js'
import { requireName, requireOption } from '../../require-option.js'

/** How the step size follows the error estimate. */
export interface StepControlOptions {
  /** Exponents of the last three scaled errors, before division by the order. Default those of the preset. */
  readonly exponents?: readonly [last: number, beforeLast: number, beforeThat: number]
  /** A triple of exponents from the literature. Default hairer. */
  readonly preset?: StepControlPreset
  /** Steps of steady size are this much shorter than the tolerance allows. Default 0.86. */
  readonly safety?: number
  /** Smallest h_new / h. Default 0.2. */
  readonly shrinkLimit?: number
  /** Largest h_new / h. Default 10. */
  readonly growthLimit?: number
  /** May a step be shorter than an accepted one before it? Default true. */
  readonly shrinkAccepted?: boolean
}

/** @see Hairer & Wanner, "Solving Ordinary Differential Equations II", 2nd ed. 1996, IV.2, for the first; for the others Söderlind, ACM TOMS 29(1), 2003, doi:10.1145/641876.641877, table III. */
const EXPONENTS = {
  /** DOPRI5's: nearly integral control, stabilised. The fewest evaluations on DETEST of all here at the same error. */
  hairer: [0.85, -0.2, 0],
  /** Deadbeat integral control: h ∝ e^(−1/k). */
  i: [1, 0, 0],
  /** Gustafsson's proportional-integral control, k_I = 0.3, k_P = 0.4. */
  pi34: [0.7, -0.4, 0],
  /** k_I = 1/3, k_P = 1/3. */
  pi33: [2 / 3, -1 / 3, 0],
  /** k_I = 0.4, k_P = 0.2: smoother, for methods near their stability limit. */
  pi42: [0.6, -0.2, 0],
  /** Digital filters: smooth step sizes, at the price of following slowly. */
  h211pi: [1 / 6, 1 / 6, 0],
  h312pid: [1 / 18, 1 / 9, 1 / 18],
} as const

/** Names of the presets of step control. */
export type StepControlPreset = keyof typeof EXPONENTS

/** Names of the presets of step control. */
export const STEP_CONTROL_PRESETS = Object.keys(EXPONENTS) as readonly StepControlPreset[]

/** The controller of torchdiffeq 0.2, for comparisons. */
export const torchdiffeqControl: StepControlOptions = {
  preset: 'i',
  safety: 0.9,
  shrinkLimit: 0.2,
  growthLimit: 10,
  shrinkAccepted: false,
}

/**
 * Proportional-integral-derivative control: h_new = h · (ε/e_n)^(β₁/k) · (ε/e_{n−1})^(β₂/k) · (ε/e_{n−2})^(β₃/k), e the error in
 * units of the tolerance, k the order of the estimate and ε = safetyᵏ the error aimed at. After a rejection h_new = h · safety · e^(−1/k).
 * @see Gustafsson, ACM TOMS 17(4), 1991, doi:10.1145/210232.210242; Hairer & Wanner II, IV.2.
 */
export class StepControl {
  readonly #exponents: readonly [number, number, number]
  readonly #order: number
  readonly #safety: number
  readonly #margin: number
  readonly #shrinkLimit: number
  readonly #growthLimit: number
  readonly #shrinkAccepted: boolean
  /** ln of factor / margin from which on the growth limit decides. */
  readonly #limit: number
  /** The error whose logarithm was taken last, which is asked for twice, and that. */
  #error = 1
  #logarithm = 0
  /** ln of the last two accepted errors; 0 when there are none. For checkpoints. */
  readonly memory: Float64Array

  /** @param memory Two numbers to keep the memory in. */
  constructor(order: number, options: StepControlOptions = {}, memory: Float64Array = new Float64Array(2)) {
    this.memory = memory
    checkOptions(options)
    const [a, b, c] = options.exponents ?? EXPONENTS[options.preset ?? 'hairer']
    this.#exponents = [a / order, b / order, c / order]
    // The error aimed at is safetyᵏ, whatever the exponents: then steady steps satisfy factor = 1.
    this.#safety = options.safety ?? 0.86
    this.#margin = power(this.#safety, a + b + c)
    this.#order = order
    this.#shrinkLimit = options.shrinkLimit ?? 0.2
    this.#growthLimit = options.growthLimit ?? 10
    this.#shrinkAccepted = options.shrinkAccepted ?? true
    this.#limit = log(this.#growthLimit / this.#margin)
  }

  /** What decides, as numbers. */
  get settings() {
    return {
      exponents: this.#exponents,
      order: this.#order,
      safety: this.#safety,
      margin: this.#margin,
      shrinkLimit: this.#shrinkLimit,
      growthLimit: this.#growthLimit,
      logarithmLimit: this.#limit,
      shrinkAccepted: this.#shrinkAccepted,
    }
  }

  /** h_new / h after a step with this error; NaN and Infinity shrink as far as allowed. */
  factor(error: number): number {
    if (!(error < Infinity)) return this.#shrinkLimit
    const accepted = error <= 1
    const factor = accepted ? this.#following(error) : this.#rejected(error)
    const lowest = accepted && !this.#shrinkAccepted ? 1 : this.#shrinkLimit
    return Math.min(this.#growthLimit, Math.max(lowest, factor))
  }

  #following(error: number): number {
    const [a, b, c] = this.#exponents
    const exponent = -a * this.#logOf(error) - b * this.memory[0]! - c * this.memory[1]!
    return exponent >= this.#limit ? this.#growthLimit : this.#margin * exp(exponent)
  }

  /** What went before has misled: the error alone decides. */
  #rejected(error: number): number {
    return this.#safety * exp(-this.#logOf(error) / this.#order)
  }

  /** Makes this the error of the step before the next one. */
  remember(error: number): void {
    this.memory[1] = this.memory[0]!
    this.memory[0] = this.#logOf(error)
  }

  /** An error of zero must not make an infinity of the logarithm; below 1e-8 the growth limit decides anyway. */
  #logOf(error: number): number {
    if (error !== this.#error) {
      this.#error = error
      this.#logarithm = log(Math.max(error, 1e-8))
    }
    return this.#logarithm
  }
}

function checkOptions({ exponents, preset, safety, shrinkLimit, growthLimit }: StepControlOptions): void {
  if (preset !== undefined) requireName('preset', preset, STEP_CONTROL_PRESETS)
  requireOption('exponents', exponents, exponents?.every(Number.isFinite) ?? true, 'three finite numbers')
  const between = (name: string, value: number | undefined, low: number, high: number, expected: string) =>
    requireOption(name, value, value === undefined || (value > low && value <= high), expected)
  between('safety', safety, 0, 1, 'above 0, at most 1')
  between('shrinkLimit', shrinkLimit, 0, 1, 'above 0, at most 1')
  between('growthLimit', growthLimit, 1, Number.MAX_VALUE, 'a finite number above 1')
}
