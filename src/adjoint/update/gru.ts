import { sigmoid, tanh } from '../../elementary.js'
import { isMeasured } from '../../observation.js'
import { requireLength } from '../../require-option.js'
import type { UpdateMap } from './update-map.js'

/** Parameters of a GRU update: three gates of weights [d × (2c + d)], each with a bias [d]. */
export function gruLength(dimension: number, channels: number): number {
  return 3 * dimension * (2 * channels + dimension + 1)
}

/**
 * A gated recurrent unit as update: with the input u = [e, m], errors e = y − h(z⁻) and mask m, both zero where nothing was
 * measured,
 *
 *     r = σ(W_r [u, z] + b_r)   s = σ(W_s [u, z] + b_s)   c = tanh(W_c [u, r∘z] + b_c)   z⁺ = s∘z⁻ + (1 − s)∘c.
 *
 * An observation without any value changes nothing. φ = [W_r, b_r, W_s, b_s, W_c, b_c], weights row-major [d × (2c + d)].
 * The candidate is bounded by ±1: states should be of that size.
 * Cost: as many multiply-adds as φ has numbers, three times that for the vjp.
 * @param parameters φ; used in place, not copied. @throws ContraflowError DIMENSION_MISMATCH when it has another length, and when an
 * observation has not as many values as there are channels.
 * @see Cho et al. 2014, arXiv:1406.1078; De Brouwer et al. 2019, arXiv:1905.12374 (GRU-ODE-Bayes).
 */
export function gru(
  dimension: number,
  channels: number,
  parameters: Float64Array = new Float64Array(gruLength(dimension, channels)),
): UpdateMap {
  requireLength('φ', parameters.length, gruLength(dimension, channels))
  const width = 2 * channels + dimension
  const block = dimension * (width + 1)
  /** Inputs of the gates and of the candidate; their adjoints. */
  const x = new Float64Array(width)
  const xc = new Float64Array(width)
  const ax = new Float64Array(width)
  const axc = new Float64Array(width)
  const [r, s, c] = [0, 1, 2].map(() => new Float64Array(dimension)) as [Float64Array, Float64Array, Float64Array]
  const gate = new Float64Array(dimension)

  /** @returns Was anything measured? */
  function forward(z: Float64Array, y: Float64Array): boolean {
    requireLength('an observation', y.length, channels)
    let measured = false
    for (let j = 0; j < channels; j++) {
      const has = isMeasured(y[j]!)
      measured ||= has
      x[j] = has ? y[j]! - z[j]! : 0
      x[channels + j] = has ? 1 : 0
    }
    x.set(z, 2 * channels)
    affine(parameters, 0, x, r, sigmoid)
    affine(parameters, block, x, s, sigmoid)
    xc.set(x)
    for (let i = 0; i < dimension; i++) xc[2 * channels + i] = r[i]! * z[i]!
    affine(parameters, 2 * block, xc, c, tanh)
    return measured
  }

  return {
    parameters,
    apply(z, y, zPlus) {
      zPlus.set(z)
      if (!forward(z, y)) return
      for (let i = 0; i < dimension; i++) zPlus[i] = s[i]! * z[i]! + (1 - s[i]!) * c[i]!
    },
    vjp(z, y, a, aphi, ay) {
      if (!forward(z, y)) return
      ax.fill(0)
      axc.fill(0)
      for (let i = 0; i < dimension; i++) gate[i] = a[i]! * (1 - s[i]!) * (1 - c[i]! * c[i]!)
      pullBack(parameters, aphi, 2 * block, xc, gate, axc)
      for (let i = 0; i < dimension; i++) gate[i] = a[i]! * (z[i]! - c[i]!) * s[i]! * (1 - s[i]!)
      pullBack(parameters, aphi, block, x, gate, ax)
      for (let i = 0; i < dimension; i++) gate[i] = axc[2 * channels + i]! * z[i]! * r[i]! * (1 - r[i]!)
      pullBack(parameters, aphi, 0, x, gate, ax)
      for (let i = 0; i < dimension; i++) a[i] = a[i]! * s[i]! + ax[2 * channels + i]! + axc[2 * channels + i]! * r[i]!
      for (let j = 0; j < channels; j++) {
        if (!isMeasured(y[j]!)) continue
        const error = ax[j]! + axc[j]!
        a[j]! -= error
        if (ay) ay[j]! += error
      }
    },
  }
}

/** out = activation(W x + b), W and b behind one another from `offset` on. */
function affine(
  theta: Float64Array,
  offset: number,
  x: Float64Array,
  out: Float64Array,
  activation: (x: number) => number,
): void {
  const bias = offset + out.length * x.length
  for (let i = 0, n = offset; i < out.length; i++) {
    let sum = theta[bias + i]!
    for (let j = 0; j < x.length; j++, n++) sum += theta[n]! * x[j]!
    out[i] = activation(sum)
  }
}

/** ax += Wᵀ a, aW += a xᵀ, ab += a. */
function pullBack(
  theta: Float64Array,
  atheta: Float64Array,
  offset: number,
  x: Float64Array,
  a: Float64Array,
  ax: Float64Array,
): void {
  const bias = offset + a.length * x.length
  for (let i = 0, n = offset; i < a.length; i++) {
    for (let j = 0; j < x.length; j++, n++) {
      ax[j]! += theta[n]! * a[i]!
      atheta[n]! += a[i]! * x[j]!
    }
    atheta[bias + i]! += a[i]!
  }
}
