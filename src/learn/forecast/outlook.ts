import type { ObservedPath, Sweep } from '../../adjoint/sweep.js'
import type { Model } from '../model/model.js'
import type { LearningRule } from '../rules/learning-rule.js'

/** Rows of a matrix. */
type Rows = readonly Float64Array[]

/**
 * How uncertain a state is that is carried ahead, stretch by stretch: S = ∂z/∂θ, by which the uncertainty of the parameters shows, and
 * V, the covariance of what the innovations on the way would have done, each of which would have moved the state by K times an
 * innovation of variance R.
 *
 * Linear in the number of stretches: d backward sweeps over each, and d²p operations.
 */
export class Outlook {
  readonly #model: Model
  readonly #rule: LearningRule
  #sensitivity: Rows
  /** Room for the next S: the two change places. */
  #spare: Rows
  #spread: Rows

  /** Begins at the end of a window, over which `sweep` has been swept forward. */
  constructor(model: Model, rule: LearningRule, sweep: Sweep, past: ObservedPath) {
    const { dimension, parameters } = model
    this.#model = model
    this.#rule = rule
    this.#sensitivity =
      past.length > 0 ? afterLast(model, sweep, past.length - 1) : rowsOf(dimension, parameters.length)
    this.#spare = rowsOf(dimension, parameters.length)
    this.#spread = rowsOf(dimension, dimension)
  }

  /** Goes over a stretch with one observation, at its end, over which `sweep` has been swept forward. */
  carry(sweep: Sweep): void {
    const before = this.#sensitivity
    const states = passage(this.#model, sweep, 0, this.#spare)
    this.#sensitivity = addProduct(this.#spare, states, before)
    this.#spare = before
    const half = product(states, this.#spread)
    // V is symmetric: A (A V)ᵀ is A V Aᵀ.
    this.#spread = product(states, transpose(half))
  }

  /** Takes in that an observation would come here. @param z The state. @param weight How many it stands for. */
  innovate(z: Float64Array, weight: number): void {
    const { channels, update, dimension } = this.#model
    const { noise } = this.#rule
    const predicted = z.slice(0, channels)
    const aphi = new Float64Array(update.parameters.length)
    // As if every channel were measured exactly as predicted: the innovation is zero, its influence is not.
    const gains = Array.from({ length: dimension }, (_, k) => {
      const ay = new Float64Array(channels)
      update.vjp(z, predicted, unit(dimension, k), aphi, ay)
      return ay
    })
    this.#spread.forEach((row, i) => {
      for (let k = 0; k < dimension; k++)
        for (let j = 0; j < channels; j++) row[k]! += weight * gains[i]![j]! * noise[j]! * gains[k]![j]!
    })
  }

  /** Of the value that would be measured in a channel. */
  variance(channel: number): number {
    const { noise } = this.#rule
    return this.#rule.explained(this.#sensitivity[channel]!) + noise[channel]! + this.#spread[channel]![channel]!
  }
}

/**
 * Pulls a unit adjoint a dimension back from just before an observation to the start of the sweep.
 * @param sensitivity Takes ∂z/∂θ with the state at the start held [d rows of p]. @returns ∂z/∂z at the start [d rows of d].
 */
function passage({ field }: Model, sweep: Sweep, index: number, sensitivity: Rows): Rows {
  const split = field.parameters.length
  return sensitivity.map((row, k) => {
    row.fill(0)
    const gradient = { field: row.subarray(0, split), update: row.subarray(split) }
    const inject = (at: number, _z: Float64Array, a: Float64Array) => {
      if (at === index) a[k]! += 1
    }
    return sweep.backward(inject, gradient).slice()
  })
}

/** S just after an observation, whose update map has parameters too. */
function afterLast(model: Model, sweep: Sweep, last: number): Rows {
  const { dimension, update, field, parameters } = model
  const own = rowsOf(dimension, parameters.length)
  const states = own.map((row, k) => {
    const a = unit(dimension, k)
    update.vjp(sweep.before(last), sweep.observed(last), a, row.subarray(field.parameters.length))
    return a
  })
  const before = rowsOf(dimension, parameters.length)
  passage(model, sweep, last, before)
  return addProduct(own, states, before)
}

function rowsOf(count: number, length: number): Rows {
  return Array.from({ length: count }, () => new Float64Array(length))
}

function unit(length: number, index: number): Float64Array {
  const e = new Float64Array(length)
  e[index] = 1
  return e
}

/** A B. */
function product(a: Rows, b: Rows): Rows {
  return addProduct(rowsOf(a.length, b[0]!.length), a, b)
}

/** C + A B, in place of C. */
function addProduct(c: Rows, a: Rows, b: Rows): Rows {
  for (let i = 0; i < c.length; i++) {
    const out = c[i]!
    for (let k = 0; k < b.length; k++) {
      const [scale, row] = [a[i]![k]!, b[k]!]
      if (scale === 0) continue
      for (let j = 0; j < out.length; j++) out[j]! += scale * row[j]!
    }
  }
  return c
}

/** Of a square matrix. */
function transpose(a: Rows): Rows {
  return a.map((_, i) => Float64Array.from(a, row => row[i]!))
}
