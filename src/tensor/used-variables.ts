import * as tf from '@tensorflow/tfjs-core'
import { isolated } from './isolated.js'

/**
 * The trainable variables that a function of tensors uses, found by calling it once: those from which operations lead to its
 * result. In the order in which they were made.
 * @param inputs May be asked for too: which of them lead to the result.
 */
export function usedVariables(
  f: () => tf.Tensor,
  inputs: readonly tf.Tensor[] = [],
): {
  readonly variables: tf.Variable[]
  readonly inputs: boolean[]
} {
  const registered = Object.values(tf.engine().registeredVariables)
  const candidates = registered.filter(variable => variable.trainable && variable.dtype === 'float32')
  const all = [...inputs, ...candidates]
  if (all.length === 0) return { variables: [], inputs: [] }
  const used = isolated(() =>
    tf.tidy(() => {
      const { grads } = tf.engine().gradients(f, all, undefined, true)
      return grads.map(gradient => gradient != null)
    }),
  )
  return {
    inputs: used.slice(0, inputs.length),
    variables: candidates.filter((_, k) => used[inputs.length + k]),
  }
}
