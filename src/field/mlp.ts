import { kernel } from '../kernel/kernel.js'
import type { Precision } from '../names.js'
import { kernelMlp } from './kernel-mlp.js'
import { checkShape, type MlpShape, mlpLayout } from './mlp-shape.js'
import { plainMlp } from './plain-mlp.js'
import type { VectorField } from './vector-field.js'

export { type DenseLayer, type MlpLayout, type MlpShape, mlpLayout, mlpShape } from './mlp-shape.js'

/** How an mlp computes. */
export interface MlpOptions {
  /** f32 takes half the time and leaves seven digits; θ, states and gradients stay float64. Default f64. */
  readonly precision?: Precision
  /** false: plain TypeScript, always float64. Default: SIMD kernels where the host has them. */
  readonly kernel?: boolean
}

/**
 * A multi-layer perceptron, on SIMD kernels where they can be had. Same bits on every machine; kernels and plain TypeScript differ by
 * the rounding of sums, about 1e-15 relative (f32: 1e-6).
 * Evaluate costs 2 p flops and one activation a unit, vjp twice that with what an evaluation kept, three times without.
 * @param parameters θ in the order of `mlpLayout`; used in place, not copied. Changes count from the next `prepare` on.
 */
export function mlp(shape: MlpShape, parameters?: Float64Array, options: MlpOptions = {}): VectorField {
  const layout = mlpLayout(shape)
  const theta = parameters ?? new Float64Array(layout.length)
  checkShape(shape, layout, theta)
  const kernels = options.kernel === false ? undefined : kernel()
  return (kernels && kernelMlp(kernels, shape, theta, options.precision ?? 'f64')) ?? plainMlp(shape, theta)
}
