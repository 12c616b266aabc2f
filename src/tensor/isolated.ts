import { engine } from '@tensorflow/tfjs-core'

/**
 * Runs f with a tape of its own, inside or outside of another gradient. TensorFlow.js keeps one tape: a gradient taken while the
 * backward pass of another one runs would end by throwing that one's tape away, and one taken inside an operation sees
 * no tape at all. Tensors that a failing pass has saved are disposed.
 */
export function isolated<T>(run: () => T): T {
  const { state } = engine()
  const { activeTape, gradientDepth, kernelDepth } = state
  // The types of tfjs say that there always is a tape; there is none before the first gradient.
  Object.assign(state, { activeTape: null, gradientDepth: 0, kernelDepth: 0 })
  try {
    return run()
  } finally {
    for (const node of state.activeTape ?? []) for (const tensor of node.saved ?? []) tensor.dispose()
    Object.assign(state, { activeTape, gradientDepth, kernelDepth })
  }
}
