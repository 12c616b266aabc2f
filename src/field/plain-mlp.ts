import { type Activation, activations } from './activation.js'
import { type MlpShape, mlpLayout } from './mlp-shape.js'
import type { VectorField } from './vector-field.js'

/**
 * `mlp` in plain TypeScript, float64: the reference for the kernels, and what is used where they cannot be.
 * Evaluate costs 2 p flops and one activation a unit, vjp about three times that (it computes the layers anew).
 * @param theta θ in the order of `mlpLayout`; used in place, not copied.
 */
export function plainMlp(shape: MlpShape, theta: Float64Array): VectorField {
  const layout = mlpLayout(shape)
  const { layers, time, skip } = shape
  const dimension = layers.at(-1)!.outputs
  const count = layers.length
  const functions: Activation[] = layers.map(layer => activations[layer.activation])
  /** values[l] is the input of layer l; sums[l] what its activation is applied to. */
  const values = [layers[0]!.inputs, ...layers.map(layer => layer.outputs)].map(n => new Float64Array(n))
  const sums = layers.map(layer => new Float64Array(layer.outputs))
  const adjoints = values.map(array => new Float64Array(array.length))

  function forward(t: number, z: Float64Array): Float64Array {
    values[0]!.set(z)
    if (time) values[0]![dimension] = t
    for (let l = 0; l < count; l++) {
      affine(theta, layout.weights[l]!, layout.biases[l]!, values[l]!, sums[l]!)
      const { value } = functions[l]!
      for (let i = 0; i < sums[l]!.length; i++) values[l + 1]![i] = value(sums[l]![i]!)
    }
    return values[count]!
  }

  return {
    dimension,
    parameters: theta,
    timeDependent: time,
    evaluate(t, z, dz) {
      dz.set(forward(t, z))
      if (skip) addProduct(theta, layout.skip, z, dz)
    },
    vjp(t, z, a, az, atheta) {
      forward(t, z)
      adjoints[count]!.set(a)
      for (let l = count - 1; l >= 0; l--) {
        const { derivative } = functions[l]!
        const outer = adjoints[l + 1]!
        for (let i = 0; i < outer.length; i++) outer[i]! *= derivative(sums[l]![i]!, values[l + 1]![i]!)
        adjoints[l]!.fill(0)
        pullBack(theta, atheta, layout.weights[l]!, values[l]!, outer, adjoints[l]!)
        for (let i = 0; i < outer.length; i++) atheta[layout.biases[l]! + i]! += outer[i]!
      }
      if (skip) pullBack(theta, atheta, layout.skip, z, a, az)
      for (let j = 0; j < dimension; j++) az[j]! += adjoints[0]![j]!
      return time ? adjoints[0]![dimension]! : 0
    },
  }
}

/** out = W x + b. */
function affine(theta: Float64Array, weights: number, bias: number, x: Float64Array, out: Float64Array): void {
  for (let i = 0, n = weights; i < out.length; i++) {
    let sum = theta[bias + i]!
    for (let j = 0; j < x.length; j++, n++) sum += theta[n]! * x[j]!
    out[i] = sum
  }
}

/** out += W x. */
function addProduct(theta: Float64Array, weights: number, x: Float64Array, out: Float64Array): void {
  for (let i = 0, n = weights; i < out.length; i++) {
    let sum = 0
    for (let j = 0; j < x.length; j++, n++) sum += theta[n]! * x[j]!
    out[i]! += sum
  }
}

/** ax += Wᵀ a and aW += a xᵀ. */
function pullBack(
  theta: Float64Array,
  atheta: Float64Array,
  weights: number,
  x: Float64Array,
  a: Float64Array,
  ax: Float64Array,
): void {
  const width = x.length
  for (let i = 0, n = weights; i < a.length; i++) {
    const ai = a[i]!
    for (let j = 0; j < width; j++, n++) {
      ax[j]! += theta[n]! * ai
      atheta[n]! += ai * x[j]!
    }
  }
}
