import { copy } from '../copy.js'
import type { Arena } from '../kernel/arena.js'
import type { ArenaArray } from '../kernel/arena-array.js'
import type { Kernel } from '../kernel/kernel.js'
import { Network } from '../kernel/network.js'
import { linkRecords, releaseStepRecord, type StepRecord, unlinkRecord } from '../kernel/step-record.js'
import { type StepCoefficients, type StepTableau, stepTableau } from '../kernel/step-tableau.js'
import { Stepper } from '../kernel/stepper.js'
import { ACTIVATION_NAMES, type Precision } from '../names.js'
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

  /** The method that was used last. */
  let known: StepCoefficients | undefined
  let tableau: StepTableau | undefined

  function tableauOf(method: StepCoefficients): StepTableau | undefined {
    if (method !== known) tableau = stepTableau(arena, method, network.z.length)
    known = tableau && method
    return tableau
  }

  /** Is the record one of a network of this shape? */
  function isOwn({ states, kept }: StepRecord): boolean {
    return states[0]!.length === network.z.length && kept[0]!.length === network.kept.length
  }

  /** Its address when it is in the memory of the kernels and of the right length. */
  function keptAt(kept: Float64Array | undefined): number {
    return kept && kept.length === network.kept.length ? addressOf(kept) : 0
  }

  function pack(): void {
    network.theta.set(parameters)
    network.pack()
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
    if (!prepared) pack()
    const address = keptAt(kept)
    copy(z, network.z)
    network.evaluate(t, address)
    copy(network.slope, dz)
    if (kept && address === 0) copy(network.kept, kept)
  }

  const vjp: VectorField['vjp'] = (t, z, a, az, atheta, kept) => {
    if (!prepared) pack()
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
    wholeSteps: {
      stands: { evaluate, vjp },
      createRecord: stages => network.createRecord(stages),
      release: record => releaseStepRecord(arena, record),
      link: (first, second) => linkRecords(arena, first.address, second.address),
      unlink: last => unlinkRecord(arena, last.address),
      attempt(record, method, first, end) {
        const tableau = tableauOf(method)
        if (!tableau || !isOwn(record)) return false
        if (!prepared) pack()
        network.attempt(tableau, record, first)
        copy(network.slope, end)
        return true
      },
      createStepper: settings => Stepper.create(arena, settings),
      advance(stepper, record, method, z, stretch) {
        const tableau = tableauOf(method)
        if (!tableau || !isOwn(record)) return -1
        if (!prepared) pack()
        copy(z, network.z)
        const accepted = network.advance(tableau, stepper, record, stretch)
        copy(network.z, z)
        return accepted
      },
      pull(record, method, last, lambda, kappa, atheta) {
        const tableau = tableauOf(method)
        if (!tableau || atheta !== gathered || !isOwn(record)) return -1
        if (!prepared) pack()
        copy(lambda, network.a)
        network.pullStep(tableau, record, last)
        copy(network.a, lambda)
        copy(network.slope, kappa)
        return tableau.pulled + 1 - last
      },
      pullBack(record, method, count, lambda, atheta) {
        const tableau = tableauOf(method)
        if (!tableau || atheta !== gathered || !isOwn(record)) return -1
        if (!prepared) pack()
        copy(lambda, network.a)
        network.pullSteps(tableau, record, count)
        copy(network.a, lambda)
        return count * (tableau.pulled + 1)
      },
    },
  }
}

/** Of an array in the memory of the kernels; 0 of any other. */
function addressOf(array: Float64Array | undefined): number {
  return (array as ArenaArray | undefined)?.address ?? 0
}
