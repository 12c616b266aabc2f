import { readdirSync, readFileSync } from 'node:fs'
import { linear } from '../../src/field/linear.js'
import { mlp } from '../../src/field/mlp.js'
import type { VectorField } from '../../src/field/vector-field.js'
import type { ActivationName } from '../../src/names.js'

interface DenseLayerFile {
  readonly weights: number[][]
  readonly bias: number[]
  readonly activation: ActivationName
}

/** A problem with the results of another library; see test/reference/README.md. */
export interface ReferenceFile {
  readonly problem: {
    readonly about: string
    readonly field:
      | { readonly kind: 'linear'; readonly matrix: number[][] }
      | { readonly kind: 'mlp'; readonly layers: DenseLayerFile[]; readonly time?: boolean }
    readonly t0: number
    readonly z0: number[]
    readonly observations: { readonly t: number; readonly y: (number | null)[]; readonly weight?: number }[]
  }
  readonly reference: {
    readonly loss: number
    readonly states: number[][]
    readonly gradient: {
      readonly z0: number[]
      readonly t0?: number
      readonly times?: number[]
      readonly parameters: number[]
    }
    readonly costates: number[][]
  }
}

const folder = new URL('../reference/gradients/', import.meta.url)

export const references: readonly (readonly [string, ReferenceFile])[] = readdirSync(folder)
  .sort()
  .map(name => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8'))])

export function fieldOf({ field, z0 }: ReferenceFile['problem']): VectorField {
  if (field.kind === 'linear') return linear(z0.length, Float64Array.from(field.matrix.flat()))
  const layers = field.layers.map(({ weights, activation }) => {
    return { inputs: weights[0]!.length, outputs: weights.length, activation }
  })
  const parameters = field.layers.flatMap(({ weights, bias }) => [...weights.flat(), ...bias])
  return mlp({ layers, time: field.time ?? false, skip: false }, Float64Array.from(parameters))
}
