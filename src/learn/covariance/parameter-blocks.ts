import { type MlpLayout, type MlpShape, mlpLayout } from '../../field/mlp-shape.js'
import type { Model } from '../model/model.js'

/**
 * The parameters of a model in blocks of at most `most`, by what they do: those into one hidden unit stay together, and those that move
 * one channel and the latent dimensions behind it; neighbours share a block as long as there is room, and what is larger than a block
 * is cut. Where nothing is known of a field, its parameters are taken as they come.
 * @returns Indices in increasing order, each in exactly one block.
 */
export function parameterBlocks(model: Model, most: number): Int32Array[] {
  const { shape, parameters } = model
  if (!shape) return packed([range(0, parameters.length)], most)
  const layout = mlpLayout(shape)
  return [...packed(hiddenUnits(shape, layout), most), ...packed(channelGroups(model, shape, layout), most)]
}

function packed(groups: readonly number[][], most: number): Int32Array[] {
  const blocks: number[][] = []
  for (const group of groups) {
    for (let from = 0; from < group.length; from += most) {
      const part = group.slice(from, from + most)
      const open = blocks.at(-1)
      if (open && open.length + part.length <= most) open.push(...part)
      else blocks.push(part)
    }
  }
  return blocks.map(block => Int32Array.from(block).sort())
}

/** Weights and bias of every unit that is not at the output. */
function hiddenUnits({ layers }: MlpShape, { weights, biases }: MlpLayout): number[][] {
  return layers
    .slice(0, -1)
    .flatMap(({ inputs, outputs }, l) =>
      Array.from({ length: outputs }, (_, i) => [...range(weights[l]! + i * inputs, inputs), biases[l]! + i]),
    )
}

/** For each channel what makes z_i' and what an observation does to z_i, of its own dimension and of its latent ones. */
function channelGroups(model: Model, { layers, skip }: MlpShape, layout: MlpLayout): number[][] {
  const { channels, dimension, parameters } = model
  const last = layers.length - 1
  const { inputs } = layers[last]!
  const phi = layout.length
  // A row a dimension where the update map is linear; of any other nothing is known.
  const linear = parameters.length - phi === dimension * channels
  const row = (i: number) => [
    ...range(layout.weights[last]! + i * inputs, inputs),
    layout.biases[last]! + i,
    ...(skip ? range(layout.skip + i * dimension, dimension) : []),
    ...(linear ? range(phi + i * channels, channels) : []),
  ]
  const groups = range(0, channels).map(c =>
    range(c, dimension - c)
      .filter(i => (i - c) % channels === 0)
      .flatMap(row),
  )
  return linear ? groups : [...groups, range(phi, parameters.length - phi)]
}

function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i)
}
