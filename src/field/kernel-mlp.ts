import { copy } from '../copy.js'
import type { Arena } from '../kernel/arena.js'
import type { ArenaArray } from '../kernel/arena-array.js'
import type { Kernel } from '../kernel/kernel.js'
import { Network } from '../kernel/network.js'
import { ACTIVATION_NAMES, type Precision } from '../names.js'
import { kernelWholeSteps } from './kernel-whole-steps.js'
import type { MlpShape } from './mlp-shape.js'
import type { VectorField } from './vector-field.js'

/**
 * `mlp` on kernels. Vectors are handed over by copying: for the dimensions of a state that is cheaper than to find out whether they
 * lie in the memory of the kernels. Gradients stay there between `gather` and `settle`.
 * @returns undefined when the memory of the kernels is used up.
 */
export function kernelMlp(
  kernel: Kernel,
  shape: MlpShape,
  theta: Float64Array,
  precision: Precision,
): VectorField | undefined {
  const { time, skip } = shape
  const layers = shape.layers.map(layer => ({ ...layer, activation: ACTIVATION_NAMES.indexOf(layer.activation) }))
  const network = Network.create(kernel, { layers, time, skip, bytes: precision === 'f64' ? 8 : 4 }, theta.length)
  return network && fieldOf(kernel.arena, network, shape, theta)
}

function fieldOf(arena: Arena, network: Network, { time }: MlpShape, parameters: Float64Array): VectorField {
  /** Until somebody says when parameters change, they are read anew at every call. */
  let prepared = false
  /** Whose gradients the network holds. */
  let gathered: Float64Array | undefined

  /** Its address when it is in the memory of the kernels and of the right length. */
  function keptAt(kept: Float64Array | undefined): number {
    return kept && kept.length === network.kept.length ? addressOf(kept) : 0
  }

  function pack(): void {
    network.theta.set(parameters)
    network.pack()
  }

  function ready(): void {
    if (!prepared) pack()
  }

  function addCollected(atheta: Float64Array): void {
    const { theta } = network
    network.collect()
    for (let i = 0; i < theta.length; i++) atheta[i]! += theta[i]!
  }

  function settle(): void {
    if (gathered) addCollected(gathered)
    gathered = undefined
  }

  const evaluate: VectorField['evaluate'] = (t, z, dz, kept) => {
    ready()
    const address = keptAt(kept)
    copy(z, network.z)
    network.evaluate(t, address)
    copy(network.slope, dz)
    if (kept && address === 0) copy(network.kept, kept)
  }

  const vjp: VectorField['vjp'] = (t, z, a, az, atheta, kept) => {
    ready()
    const held = gathered
    if (atheta !== held) settle()
    copy(z, network.z)
    copy(a, network.a)
    copy(az, network.slope)
    const address = keptAt(kept)
    if (kept && address === 0) copy(kept, network.kept)
    const at = network.pull(t, kept ? address : -1)
    copy(network.slope, az)
    if (atheta !== held) {
      addCollected(atheta)
      gathered = held
    }
    return at
  }

  return {
    dimension: network.z.length,
    parameters,
    timeDependent: time,
    keeps: network.kept.length,
    prepare() {
      pack()
      prepared = true
    },
    evaluate,
    vjp,
    gather(atheta) {
      settle()
      gathered = atheta
    },
    settle,
    wholeSteps: kernelWholeSteps(arena, network, {
      stands: { evaluate, vjp },
      ready,
      isGathered: atheta => atheta === gathered,
    }),
  }
}

/** Of an array in the memory of the kernels; 0 of any other. */
function addressOf(array: Float64Array | undefined): number {
  return (array as ArenaArray | undefined)?.address ?? 0
}
