import type { VectorField } from '../../field/vector-field.js'
import type { StepWatcher } from '../steps/step-watcher.js'
import { DenseReader } from './dense-reader.js'
import type { TapeStep } from './tape.js'

/** Something happens where c(t, z) passes through zero. */
export interface EventCondition {
  /** c(t, z). */
  value(t: number, z: Float64Array): number
  /** Adds ∂c/∂z to dz [d] and returns ∂c/∂t. */
  gradient(t: number, z: Float64Array, dz: Float64Array): number
  /** Through which zeros: of a rising c, a falling one, or both. Default both. */
  readonly direction?: 'rising' | 'falling' | 'both'
}

/** Where c is looked at inside a step, so that a step in which it passes through zero twice is not missed. */
const SAMPLES = Array.from({ length: 8 }, (_, n) => (n + 1) / 8)
/** The same in the first step after an event, which may be much too long for what comes next. */
const CLOSE_SAMPLES = [...Array.from({ length: 27 }, (_, n) => 2 ** (n - 30)), ...SAMPLES]

/**
 * Looks for the first zero of several conditions in every accepted step: a change of sign between samples of the dense output,
 * bisection on it, then Newton's method on steps taken anew to the time found, until it moves by rounding only.
 * Cost: 8 readings of the dense output a step, 35 in the first after an event; two or three steps an event.
 */
export class EventWatcher implements StepWatcher {
  /** Which condition ended the last stretch; −1 when none did. */
  happened = -1
  /** Evaluations of f so far. */
  evaluations = 0
  readonly #field: VectorField
  readonly #conditions: readonly EventCondition[]
  readonly #reader: DenseReader
  readonly #z: Float64Array
  readonly #slope: Float64Array
  readonly #normal: Float64Array
  /** Of each c, as last seen; 0 is not known. */
  readonly #signs: Float64Array
  #close = false

  constructor(field: VectorField, conditions: readonly EventCondition[]) {
    this.#field = field
    this.#conditions = conditions
    this.#reader = new DenseReader(field)
    this.#z = new Float64Array(field.dimension)
    this.#slope = new Float64Array(field.dimension)
    this.#normal = new Float64Array(field.dimension)
    this.#signs = new Float64Array(conditions.length)
  }

  /**
   * Starts a stretch at this state. The c of the event that ended the last one is zero there but for rounding: its sign is the
   * one it is about to take.
   */
  begin(t: number, z: Float64Array): void {
    for (let k = 0; k < this.#signs.length; k++) this.#signs[k] = Math.sign(this.#conditions[k]!.value(t, z))
    this.#close = this.happened >= 0
    if (this.#close) this.#signs[this.happened] = Math.sign(this.#rate(this.#conditions[this.happened]!, t, z))
    this.happened = -1
  }

  stopIn(step: TapeStep): number {
    let before = 0
    const samples = this.#close ? CLOSE_SAMPLES : SAMPLES
    this.#close = false
    for (const theta of samples) {
      const found = this.#firstZero(step, before, theta)
      if (!Number.isNaN(found)) return step.t + found * step.h
      before = theta
    }
    return Number.NaN
  }

  refine(t: number, z: Float64Array): number {
    const condition = this.#conditions[this.happened]!
    const shift = -condition.value(t, z) / this.#rate(condition, t, z)
    // A grazing contact has no rate: the time that was found has to do.
    return Number.isFinite(shift) ? t + shift : t
  }

  /** dc/dt along the solution. */
  #rate(condition: EventCondition, t: number, z: Float64Array): number {
    this.#normal.fill(0)
    let rate = condition.gradient(t, z, this.#normal)
    this.#field.evaluate(t, z, this.#slope)
    this.evaluations++
    for (let i = 0; i < z.length; i++) rate += this.#normal[i]! * this.#slope[i]!
    return rate
  }

  /** θ of the first zero in (low, high], NaN without any; sets `happened`. */
  #firstZero(step: TapeStep, low: number, high: number): number {
    let first = Number.NaN
    for (let k = 0; k < this.#conditions.length; k++) {
      const sign = Math.sign(this.#value(step, k, high))
      const before = this.#signs[k]!
      // An exact zero belongs to what comes behind it.
      if (sign === 0) continue
      this.#signs[k] = sign
      if (before * sign >= 0 || !this.#counts(k, sign)) continue
      const theta = this.#bisect(step, k, low, high, sign)
      if (theta >= first) continue
      first = theta
      this.happened = k
    }
    return first
  }

  #counts(k: number, sign: number): boolean {
    const { direction = 'both' } = this.#conditions[k]!
    return direction === 'both' || (direction === 'rising') === sign > 0
  }

  /** @param sign Of c at `high`. */
  #bisect(step: TapeStep, k: number, low: number, high: number, sign: number): number {
    let [before, after] = [low, high]
    for (;;) {
      const middle = (before + after) / 2
      if (middle <= before || middle >= after) return after
      if (Math.sign(this.#value(step, k, middle)) === sign) after = middle
      else before = middle
    }
  }

  #value(step: TapeStep, k: number, theta: number): number {
    this.#reader.state(step, theta, this.#z)
    return this.#conditions[k]!.value(step.t + theta * step.h, this.#z)
  }
}
