/** A dense layer as the kernels see it. `activation`: its place in ACTIVATION_NAMES. */
export interface NetworkLayer {
  readonly inputs: number
  readonly outputs: number
  readonly activation: number
}

/** What a network is made of. */
export interface NetworkShape {
  readonly layers: readonly NetworkLayer[]
  readonly time: boolean
  readonly skip: boolean
  /** Bytes of a number: 8 or 4. */
  readonly bytes: 8 | 4
}

/** Where the parts of a network lie, in bytes from the start of its piece of memory. */
export interface NetworkLayout {
  /** The 32-bit words of `Network` and its `Layer`s in assembly/network.ts; those in `addresses` are relative to the piece. */
  readonly words: readonly number[]
  readonly addresses: readonly number[]
  /** float64 places to hand over z, a, dz or az [d each], and θ or its gradient [p]. */
  readonly z: number
  readonly a: number
  readonly slope: number
  readonly theta: number
  /** Values and sums of an evaluation, where nobody keeps them; as long as what is kept. */
  readonly scratch: number
  readonly keptBytes: number
  readonly bytes: number
}

const NETWORK_WORDS = 12
const LAYER_WORDS = 13
const VECTOR = 16
const IDENTITY = 0
/** Deferred pulls that may wait. */
const PLACES = 4
/** In ACTIVATION_NAMES: their derivatives need what they were applied to. */
const KEEPS_SUMS = [3, 5]

/** Plans the memory of a network. @param parameters p. */
export function networkLayout(shape: NetworkShape, parameters: number): NetworkLayout {
  const { layers, time, skip, bytes } = shape
  const dimension = layers.at(-1)!.outputs
  const all: readonly NetworkLayer[] = skip
    ? [...layers, { inputs: dimension, outputs: dimension, activation: IDENTITY }]
    : layers
  const vectors = (count: number) => Math.ceil((count * bytes) / VECTOR)
  let end = (NETWORK_WORDS + LAYER_WORDS * all.length) * 4
  const take = (size: number) => {
    const start = Math.ceil(end / 64) * 64
    end = start + size
    return start
  }
  const kept = keptLayout(layers, vectors)
  const widest = Math.max(...all.flatMap(layer => [vectors(layer.inputs), vectors(layer.outputs)])) * VECTOR
  const layerWords = all.map((layer, l) => {
    const [inputs, outputs] = [vectors(layer.inputs), vectors(layer.outputs)]
    const [packed, bias] = [take(layer.inputs * outputs * VECTOR), take(outputs * VECTOR)]
    const stride = rowStride(inputs * VECTOR)
    const [rows, gradient] = [take(layer.outputs * stride), take(layer.outputs * stride)]
    const biasGradient = take(outputs * VECTOR)
    const places = [kept.values[l] ?? 0, kept.sums[l] ?? 0]
    return [
      layer.inputs,
      layer.outputs,
      layer.activation,
      inputs,
      outputs,
      packed,
      bias,
      rows,
      gradient,
      biasGradient,
    ].concat(places, stride)
  })
  const layersAt = NETWORK_WORDS * 4
  const skipAt = skip ? layersAt + layers.length * LAYER_WORDS * 4 : 0
  const input = take(vectors(layers[0]!.inputs) * VECTOR)
  const adjoints = take(2 * widest)
  const scratch = take(kept.bytes)
  const place = (vectors(layers[0]!.inputs) + vectors(dimension)) * VECTOR + kept.bytes
  const places = take(PLACES * place)
  const [z, a, slope, theta] = [take(dimension * 8), take(dimension * 8), take(dimension * 8), take(parameters * 8)]
  const head = [
    layers.length,
    dimension,
    time ? 1 : 0,
    skipAt,
    input,
    adjoints,
    widest,
    kept.bytes,
    scratch,
    layersAt,
    places,
    place,
  ]
  const addresses = [...(skip ? [3] : []), 4, 5, 8, 9, 10]
  all.forEach((_, l) => {
    for (let k = 5; k < 10; k++) addresses.push(NETWORK_WORDS + l * LAYER_WORDS + k)
  })
  const words = [...head, ...layerWords.flat()]
  return { words, addresses, z, a, slope, theta, scratch, keptBytes: kept.bytes, bytes: end }
}

/** Rows that lie a multiple of 256 bytes apart would share a few sets of the cache, and push each other out. */
function rowStride(bytes: number): number {
  return bytes % 256 === 0 ? bytes + 64 : bytes
}

/** Values of every layer, sums where they are needed. */
function keptLayout(layers: readonly NetworkLayer[], vectors: (count: number) => number) {
  let bytes = 0
  const values: number[] = []
  const sums: number[] = []
  for (const { outputs, activation } of layers) {
    const size = vectors(outputs) * VECTOR
    values.push(bytes)
    sums.push(bytes + size)
    bytes += KEEPS_SUMS.includes(activation) ? 2 * size : size
  }
  return { values, sums, bytes }
}
