import { activate, IDENTITY, pullActivation } from './activation'
import { addFour, outerFour, transposed } from './deferred'
import { add, backward, blockSize, forward } from './dense'
import { addToState, fromState, sumToState, toState } from './state'

/** One dense layer: addresses and sizes, written by src/kernel/network-layout.ts in this order. */
@unmanaged
export class Layer {
  inputs: i32
  outputs: i32
  activation: i32
  /** Vectors that hold the inputs and the outputs. */
  inputVectors: i32
  outputVectors: i32
  /** Weights for the way forward, and the bias (zeros where there is none). */
  packed: usize
  bias: usize
  /** Weights for the way back, and the gradients. */
  rows: usize
  gradient: usize
  biasGradient: usize
  /** Where values and sums of this layer lie in what an evaluation keeps, in bytes. */
  values: usize
  sums: usize
  /** From a row of weights, or of gradients, to the next, in bytes. */
  stride: usize
}

/** A perceptron and its working memory. */
@unmanaged
export class Network {
  layerCount: i32
  dimension: i32
  /** 1: t is the last input. */
  time: i32
  /** The layer of A z, or 0. */
  skip: usize
  input: usize
  /** Two rows, each as long as the widest layer. */
  adjoints: usize
  adjointStride: usize
  /** Bytes of one evaluation's values and sums, and where those of an evaluation that nobody keeps lie. */
  keptBytes: i32
  scratch: usize
  layers: usize
  /** Four places for what deferred pulls leave: input, adjoint of the output, adjoints of all sums; `placeBytes` each. */
  places: usize
  placeBytes: i32
}

// @ts-ignore: decorator
@inline
function layerOf(network: Network, l: i32): Layer {
  return changetype<Layer>(network.layers + <usize>l * offsetof<Layer>())
}

/** Writes f(t, z) into dz; what the vjp needs goes to `kept`. */
export function evaluateNetwork<T>(network: Network, t: f64, z: usize, dz: usize, kept: usize): void {
  loadInput<T>(network, t, z, network.input)
  const out = forwardPass<T>(network, kept)
  const d = network.dimension
  if (network.skip) {
    const skip = changetype<Layer>(network.skip)
    const product = network.adjoints
    forward<T>(skip.packed, skip.bias, network.input, d, skip.outputVectors, product)
    sumToState<T>(out, product, dz, d)
    return
  }
  toState<T>(out, dz, d)
}

// @ts-ignore: decorator
@inline
function loadInput<T>(network: Network, t: f64, z: usize, input: usize): void {
  const d = network.dimension
  fromState<T>(z, input, d)
  if (network.time) store<T>(input + <usize>d * sizeof<T>(), <T>t)
}

/** @returns where the values of the last layer lie. */
function forwardPass<T>(network: Network, kept: usize): usize {
  let x = network.input
  const count = network.layerCount
  for (let l = 0; l < count; l++) {
    const layer = layerOf(network, l)
    const y = kept + layer.values
    forward<T>(layer.packed, layer.bias, x, layer.inputs, layer.outputVectors, y)
    activate<T>(layer.activation, y, kept + layer.sums, layer.outputVectors)
    x = y
  }
  return x
}

/**
 * Adds aᵀ∂f/∂z to az and aᵀ∂f/∂θ to the gradients of the layers; returns aᵀ∂f/∂t.
 * @param kept What the evaluation at the same place left, or 0: then it is done anew.
 */
export function pullNetwork<T>(network: Network, t: f64, z: usize, a: usize, az: usize, kept: usize): f64 {
  loadInput<T>(network, t, z, network.input)
  if (kept == 0) {
    kept = network.scratch
    forwardPass<T>(network, kept)
  }
  const d = network.dimension
  let above = network.adjoints
  let below = above + network.adjointStride
  fromState<T>(a, above, d)
  if (network.skip) pullSkip<T>(network, above, below, az)
  for (let l = network.layerCount - 1; l >= 0; l--) {
    const layer = layerOf(network, l)
    if (layer.activation != IDENTITY)
      pullActivation<T>(layer.activation, above, kept + layer.values, kept + layer.sums, layer.outputVectors)
    const x = l == 0 ? network.input : kept + layerOf(network, l - 1).values
    backward<T>(layer.rows, layer.gradient, x, above, layer.outputs, layer.inputVectors, layer.stride, below)
    add<T>(layer.biasGradient, above, layer.outputVectors)
    const swap = above
    above = below
    below = swap
  }
  addToState<T>(az, above, d)
  return network.time ? <f64>load<T>(above + <usize>d * sizeof<T>()) : 0
}

function pullSkip<T>(network: Network, a: usize, product: usize, az: usize): void {
  const skip = changetype<Layer>(network.skip)
  backward<T>(skip.rows, skip.gradient, network.input, a, network.dimension, skip.inputVectors, skip.stride, product)
  addToState<T>(az, product, network.dimension)
}

/** Bytes of the input and of the adjoint of the output in a place. */
// @ts-ignore: decorator
@inline
function inputBytes(network: Network): usize {
  return <usize>layerOf(network, 0).inputVectors << 4
}

// @ts-ignore: decorator
@inline
function outputBytes(network: Network): usize {
  return <usize>layerOf(network, network.layerCount - 1).outputVectors << 4
}

/** As `pullNetwork` with what was kept, but the gradients wait at a place until `gatherPlaces`; t has no adjoint. */
export function deferNetwork<T>(network: Network, t: f64, z: usize, a: usize, az: usize, kept: usize, place: usize): void {
  const d = network.dimension
  const input = place
  const top = place + inputBytes(network)
  const deltas = top + outputBytes(network)
  loadInput<T>(network, t, z, input)
  const last = layerOf(network, network.layerCount - 1)
  // `memory.copy` would be a call out of WebAssembly.
  fromState<T>(a, top, d)
  for (let at: usize = 0, size = outputBytes(network); at < size; at += 16)
    v128.store(deltas + last.values + at, v128.load(top + at))
  let below = network.adjoints
  if (network.skip) {
    const skip = changetype<Layer>(network.skip)
    transposed<T>(skip.rows, top, d, skip.inputVectors, skip.stride, below)
    addToState<T>(az, below, d)
  }
  for (let l = network.layerCount - 1; l >= 0; l--) {
    const layer = layerOf(network, l)
    const delta = deltas + layer.values
    if (layer.activation != IDENTITY)
      pullActivation<T>(layer.activation, delta, kept + layer.values, kept + layer.sums, layer.outputVectors)
    below = l == 0 ? network.adjoints : deltas + layerOf(network, l - 1).values
    transposed<T>(layer.rows, delta, layer.outputs, layer.inputVectors, layer.stride, below)
  }
  addToState<T>(az, below, d)
}

/** Adds the gradients of the four places, in their order. @param k0 What was kept for the first, and so on. */
export function gatherPlaces<T>(network: Network, k0: usize, k1: usize, k2: usize, k3: usize): void {
  const step = <usize>network.placeBytes
  const p0 = network.places, p1 = p0 + step, p2 = p1 + step, p3 = p2 + step
  const top = inputBytes(network)
  const deltas = p0 + top + outputBytes(network)
  for (let l = 0; l < network.layerCount; l++) {
    const layer = layerOf(network, l)
    const a = deltas + layer.values
    const vectors = layer.inputVectors, stride = layer.stride
    if (l == 0) outerFour<T>(layer.gradient, layer.outputs, vectors, stride, a, step, p0, p1, p2, p3)
    else {
      const x = layerOf(network, l - 1).values
      outerFour<T>(layer.gradient, layer.outputs, vectors, stride, a, step, k0 + x, k1 + x, k2 + x, k3 + x)
    }
    addFour<T>(layer.biasGradient, a, step, layer.outputVectors)
  }
  if (network.skip) {
    const skip = changetype<Layer>(network.skip)
    outerFour<T>(skip.gradient, network.dimension, skip.inputVectors, skip.stride, p0 + top, step, p0, p1, p2, p3)
  }
}

/** Lays out θ, float64 in the order of `mlpLayout`, for both directions. */
export function packNetwork<T>(network: Network, theta: usize): void {
  for (let l = 0; l < network.layerCount; l++) {
    const layer = layerOf(network, l)
    packWeights<T>(layer, theta)
    theta += <usize>(layer.inputs * layer.outputs) << 3
    for (let i = 0; i < layer.outputs; i++, theta += 8)
      store<T>(layer.bias + <usize>i * sizeof<T>(), <T>load<f64>(theta))
  }
  if (network.skip) packWeights<T>(changetype<Layer>(network.skip), theta)
}

function packWeights<T>(layer: Layer, theta: usize): void {
  const width = <i32>(16 / sizeof<T>())
  const inputs = layer.inputs
  let vectors = layer.outputVectors
  let block = layer.packed
  for (let first = 0; vectors > 0; ) {
    const size = blockSize(vectors)
    const lanes = size * width
    const rows = min(lanes, layer.outputs - first)
    for (let i = 0; i < rows; i++) {
      const from = theta + (<usize>((first + i) * inputs) << 3)
      const row = layer.rows + <usize>(first + i) * layer.stride
      for (let j = 0; j < inputs; j++) {
        const weight = <T>load<f64>(from + (<usize>j << 3))
        store<T>(row + <usize>j * sizeof<T>(), weight)
        store<T>(block + <usize>(j * lanes + i) * sizeof<T>(), weight)
      }
    }
    block += <usize>(inputs * lanes) * sizeof<T>()
    first += lanes
    vectors -= size
  }
}

/** Writes the gradients to `atheta`, float64 in the order of `mlpLayout`, and clears them. */
export function collectNetwork<T>(network: Network, atheta: usize): void {
  for (let l = 0; l < network.layerCount; l++) {
    const layer = layerOf(network, l)
    collectWeights<T>(layer, atheta)
    atheta += <usize>(layer.inputs * layer.outputs) << 3
    collectRow<T>(layer.biasGradient, layer.outputs, atheta)
    memory.fill(layer.biasGradient, 0, <usize>layer.outputVectors << 4)
    atheta += <usize>layer.outputs << 3
  }
  if (network.skip) collectWeights<T>(changetype<Layer>(network.skip), atheta)
}

function collectWeights<T>(layer: Layer, atheta: usize): void {
  let row = layer.gradient
  for (let i = 0; i < layer.outputs; i++, row += layer.stride, atheta += <usize>layer.inputs << 3)
    collectRow<T>(row, layer.inputs, atheta)
  memory.fill(layer.gradient, 0, row - layer.gradient)
}

function collectRow<T>(row: usize, length: i32, to: usize): void {
  for (let j = 0; j < length; j++, row += sizeof<T>(), to += 8) store<f64>(to, <f64>load<T>(row))
}
