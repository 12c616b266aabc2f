import type { Variable } from '@tensorflow/tfjs-core'
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers'
import type { DenseLayer, MlpShape } from '../field/mlp.js'
import type { ActivationName } from '../names.js'

/** One dense layer of a model: its variables, [inputs × outputs] and [outputs]. */
export interface FusedLayer extends DenseLayer {
  readonly kernel: Variable
  readonly bias: Variable | undefined
}

/** A model as the kernel of `mlp` computes it. */
export interface FusedPlan {
  readonly shape: MlpShape
  readonly layers: readonly FusedLayer[]
  /** Of the term A z. */
  readonly skip: FusedLayer | undefined
  /** One sentence. */
  readonly explanation: string
}

type Layer = LayersModel['layers'][number]

/** Why a model cannot be fused; caught by `fuse`. */
class NotFusable extends Error {}

/**
 * Reads a model back from its output: dense layers one after another, with activations, optionally beside one linear layer without
 * bias whose result is added (A z), and optionally with t joined to the input.
 * @returns The plan, or a phrase that says what stands in the way.
 */
export function fuse(model: LayersModel): FusedPlan | string {
  try {
    return readPlan(model)
  } catch (error) {
    if (error instanceof NotFusable) return error.message
    throw error
  }
}

function readPlan(model: LayersModel): FusedPlan {
  const output = model.outputs[0]!
  const z = model.inputs[0]!
  const branches = output.sourceLayer.getClassName() === 'Add' ? inputsOf(output) : [output]
  if (branches.length > 2) refuse(output.sourceLayer, 'adds more than two branches')
  const skipAt = branches.length === 2 ? branches.findIndex(branch => isSkip(branch, z)) : -1
  if (branches.length === 2 && skipAt < 0)
    refuse(output.sourceLayer, 'adds two branches of which none is a linear layer of z without bias')
  const skip = skipAt < 0 ? undefined : denseOf(branches[skipAt]!.sourceLayer)
  const { layers, root } = readStack(branches[skipAt === 0 ? 1 : 0]!)
  const dimension = output.shape.at(-1)!
  const time = readInput(root, model, dimension)
  if (skip && time && model.inputs.length === 1)
    refuse(output.sourceLayer, 'adds a linear layer of z and t; give t as a second input')
  const widths = [layers[0]!.inputs, ...layers.map(layer => layer.outputs)].join('-')
  return {
    shape: { layers, time, skip: skip !== undefined },
    layers,
    skip,
    explanation: `fused: dense layers ${widths}${time ? ', with t' : ''}${skip ? ', and A z' : ''}`,
  }
}

/** Walks from a tensor through dense and activation layers to where they begin. */
function readStack(end: SymbolicTensor): { layers: FusedLayer[]; root: SymbolicTensor } {
  const layers: FusedLayer[] = []
  let tensor = end
  let outer: ActivationName = 'identity'
  for (;;) {
    const layer = tensor.sourceLayer
    const kind = layer.getClassName()
    if (kind === 'Activation') outer = compose(layer, outer, activationOf(layer))
    else if (kind === 'Dense') {
      const dense = denseOf(layer)
      layers.unshift({ ...dense, activation: compose(layer, outer, dense.activation) })
      outer = 'identity'
    } else if (!DOES_NOTHING.has(kind)) break
    tensor = onlyInputOf(tensor)
  }
  const shared = layers.find(({ kernel }, l) => layers.findIndex(other => other.kernel === kernel) < l)
  if (shared) throw new NotFusable(`weight "${shared.kernel.name}" is used by more than one layer`)
  if (outer !== 'identity') refuse(tensor.sourceLayer, 'is followed by an activation without a dense layer')
  if (layers.length === 0) refuse(end.sourceLayer, `is ${article(end.sourceLayer)} layer`)
  return { layers, root: tensor }
}

/** Layers that are the identity when a model predicts. */
const DOES_NOTHING = new Set(['Dropout', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout', 'ActivityRegularization'])

/** @returns Is t among the inputs of the stack? */
function readInput(root: SymbolicTensor, { inputs }: LayersModel, dimension: number): boolean {
  const [z, t] = inputs
  if (root === z && t === undefined) return z.shape.at(-1) === dimension + 1
  if (root === z) return false
  if (root.sourceLayer.getClassName() === 'Concatenate') {
    const joined = inputsOf(root)
    if (joined.length === 2 && joined[0] === z && joined[1] === t) return true
    refuse(root.sourceLayer, 'joins something else than z and t, in this order')
  }
  return refuse(root.sourceLayer, `is ${article(root.sourceLayer)} layer`)
}

function isSkip(tensor: SymbolicTensor, z: SymbolicTensor): boolean {
  const layer = tensor.sourceLayer
  if (layer.getClassName() !== 'Dense' || onlyInputOf(tensor) !== z) return false
  const { activation, bias } = denseOf(layer)
  return activation === 'identity' && bias === undefined
}

function denseOf(layer: Layer): FusedLayer {
  const [kernel, bias] = layer.weights.map(weight => weight.read() as Variable)
  const [inputs, outputs] = kernel!.shape as [number, number]
  return { inputs, outputs, activation: activationOf(layer), kernel: kernel!, bias }
}

/** Two activations one after the other, of which one must be none. */
function compose(layer: Layer, outer: ActivationName, inner: ActivationName): ActivationName {
  if (outer !== 'identity' && inner !== 'identity') refuse(layer, `has ${inner} and ${outer} after it`)
  return outer === 'identity' ? inner : outer
}

const ACTIVATIONS: Readonly<Record<string, ActivationName>> = {
  linear: 'identity',
  tanh: 'tanh',
  relu: 'relu',
  softplus: 'softplus',
  sigmoid: 'sigmoid',
  swish: 'silu',
  silu: 'silu',
}

function activationOf(layer: Layer): ActivationName {
  const { activation = 'linear' } = layer.getConfig() as { activation?: string }
  return ACTIVATIONS[activation] ?? refuse(layer, `has the activation ${JSON.stringify(activation)}`)
}

function inputsOf({ sourceLayer, nodeIndex }: SymbolicTensor): SymbolicTensor[] {
  return sourceLayer.inboundNodes[nodeIndex]?.inputTensors ?? []
}

function onlyInputOf(tensor: SymbolicTensor): SymbolicTensor {
  const inputs = inputsOf(tensor)
  return inputs.length === 1 ? inputs[0]! : refuse(tensor.sourceLayer, `has ${inputs.length} inputs`)
}

function article(layer: Layer): string {
  const kind = layer.getClassName()
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`
}

function refuse(layer: Layer, reason: string): never {
  throw new NotFusable(`layer "${layer.name}" ${reason}`)
}
