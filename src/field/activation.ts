import { sigmoid, silu, softplus, tanh } from '../elementary.js'
import type { ActivationName } from '../names.js'

/** A function applied to every component, with its derivative from input x and output y = f(x). */
export interface Activation {
  /** f(x), to the accuracy of src/elementary.ts. */
  value(x: number): number
  /** f'(x), where y = f(x): within 1e-14 of it, and within 2 ulp for softplus. */
  derivative(x: number, y: number): number
}

const identity: Activation = { value: x => x, derivative: () => 1 }

/** Every activation by its name. The derivative of relu at 0 is 0. */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  identity,
  tanh: { value: tanh, derivative: (_, y) => 1 - y * y },
  relu: { value: x => (x <= 0 ? 0 : x), derivative: x => (x > 0 ? 1 : 0) },
  softplus: { value: softplus, derivative: x => sigmoid(x) },
  sigmoid: { value: sigmoid, derivative: (_, y) => y * (1 - y) },
  silu: {
    value: silu,
    derivative: (x, y) => {
      const s = sigmoid(x)
      return s + y * (1 - s)
    },
  },
}
