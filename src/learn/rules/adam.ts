import { type Kernel, kernel } from '../../kernel/kernel.js'
import { createMoments } from '../../kernel/moments.js'
import { requireOption } from '../../require-option.js'
import type { Optimizer } from './optimizer.js'

/** Rate and decays of Adam. */
export interface AdamOptions {
  /** Default 0.003. */
  readonly rate?: number
  /** Decay of the two moments. Default 0.9 and 0.999. */
  readonly beta1?: number
  /** Decay of the mean of squares. Default 0.999. */
  readonly beta2?: number
  /** Default 1e-8. */
  readonly epsilon?: number
}

/**
 * Adam with bias correction.
 * @param where The kernels that hold the moments, if they have room. Default those of the thread. The bits are the same without any.
 * @see Kingma & Ba 2015, arXiv:1412.6980.
 */
export function adam(
  length: number,
  options: AdamOptions = {},
  where: { readonly kernel: Kernel | undefined } = { kernel: kernel() },
): Optimizer {
  const { rate = 0.003, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options
  requireOption('rate', rate, rate >= 0 && Number.isFinite(rate), 'a number of at least 0')
  requireOption('beta1', beta1, beta1 >= 0 && beta1 < 1, 'at least 0, less than 1')
  requireOption('beta2', beta2, beta2 >= 0 && beta2 < 1, 'at least 0, less than 1')
  requireOption('epsilon', epsilon, epsilon >= 0, 'a number of at least 0')
  const moments = length > 0 && where.kernel ? createMoments(where.kernel, length) : undefined
  const { first, second } = moments ?? { first: new Float64Array(length), second: new Float64Array(length) }
  /** β₁ᵗ and β₂ᵗ. */
  const powers = Float64Array.of(1, 1)
  return {
    state: { first, second, powers },
    update(parameters, gradient) {
      powers[0]! *= beta1
      powers[1]! *= beta2
      const scale = rate / (1 - powers[0]!)
      const correction = 1 / (1 - powers[1]!)
      if (moments) return moments.update(parameters, gradient, { beta1, beta2, scale, correction, epsilon })
      for (let i = 0; i < length; i++) {
        const g = gradient[i]!
        first[i] = beta1 * first[i]! + (1 - beta1) * g
        second[i] = beta2 * second[i]! + (1 - beta2) * g * g
        parameters[i]! -= (scale * first[i]!) / (Math.sqrt(second[i]! * correction) + epsilon)
      }
    },
  }
}
