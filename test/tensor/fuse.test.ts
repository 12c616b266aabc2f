import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../src/random.js'
import { requireBackend } from '../../src/tensor/backend.js'
import { tensorField } from '../../src/tensor/tensor-field.js'
import { array, relativeError } from '../support/arrays.js'

const { dense, activation, dropout, add, concatenate, dropout: noise, leakyReLU } = tfl.layers
const state = () => tfl.input({ shape: [3], name: `z${++inputs}` })
const moment = () => tfl.input({ shape: [1], name: `t${++inputs}` })
let inputs = 0

function seeded(model: tfl.LayersModel): tfl.LayersModel {
  const random = new Random(11)
  tf.tidy(() => {
    const weights = model.getWeights()
    model.setWeights(
      weights.map(({ shape, size }) =>
        tf.tensor(
          Float32Array.from({ length: size }, () => random.normal()),
          shape,
        ),
      ),
    )
  })
  return model
}

const MODELS: Record<string, () => tfl.LayersModel> = {
  'one linear layer': () => tfl.sequential({ layers: [dense({ units: 3, inputShape: [3] })] }),
  ...Object.fromEntries(
    (['linear', 'tanh', 'relu', 'softplus', 'sigmoid', 'swish'] as const).map(name => [
      `a hidden layer with ${name}`,
      () =>
        tfl.sequential({
          layers: [dense({ units: 7, inputShape: [3], activation: name as 'tanh' }), dense({ units: 3 })],
        }),
    ]),
  ),
  'activations as layers of their own': () =>
    tfl.sequential({
      layers: [dense({ units: 5, inputShape: [3] }), activation({ activation: 'tanh' }), dense({ units: 3 })],
    }),
  'an activation at the end': () =>
    tfl.sequential({ layers: [dense({ units: 3, inputShape: [3] }), activation({ activation: 'sigmoid' })] }),
  'layers that only matter in training': () =>
    tfl.sequential({ layers: [dense({ units: 5, inputShape: [3] }), dropout({ rate: 0.5 }), dense({ units: 3 })] }),
  'layers without bias': () =>
    tfl.sequential({
      layers: [
        dense({ units: 5, inputShape: [3], activation: 'tanh', useBias: false }),
        dense({ units: 3, useBias: false }),
      ],
    }),
  't as last input': () =>
    tfl.sequential({ layers: [dense({ units: 5, inputShape: [4], activation: 'tanh' }), dense({ units: 3 })] }),
  't as second input': () => {
    const [z, t] = [state(), moment()]
    const joined = concatenate().apply([z, t]) as tfl.SymbolicTensor
    const hidden = dense({ units: 5, activation: 'softplus' }).apply(joined) as tfl.SymbolicTensor
    return tfl.model({ inputs: [z, t], outputs: dense({ units: 3 }).apply(hidden) as tfl.SymbolicTensor })
  },
  'A z beside the stack': () => {
    const z = state()
    const hidden = dense({ units: 5, activation: 'tanh' }).apply(z) as tfl.SymbolicTensor
    const stack = dense({ units: 3 }).apply(hidden) as tfl.SymbolicTensor
    const skip = dense({ units: 3, useBias: false }).apply(z) as tfl.SymbolicTensor
    return tfl.model({ inputs: z, outputs: add().apply([skip, stack]) as tfl.SymbolicTensor })
  },
}

beforeAll(() => requireBackend('cpu'))

describe.each(Object.entries(MODELS))('%s', (_name, create) => {
  it('is fused, with the results of TensorFlow.js to its rounding', () => {
    const model = seeded(create())
    const [fused, direct] = [tensorField(model), tensorField(model, { fuse: false })]
    expect([fused.fused, direct.fused]).toEqual([true, false])
    expect(fused.timeDependent).toBe(direct.timeDependent)
    expect(fused.explanation).toMatch(/^fused: dense layers [\d-]+/)
    const random = new Random(2)
    for (let n = 0; n < 5; n++) {
      const [t, z, a] = [random.normal(), array(3, () => random.normal()), array(3, () => random.normal())]
      const results = [fused, direct].map(field => {
        const [dz, az, atheta] = [new Float64Array(3), new Float64Array(3), new Float64Array(field.parameters.length)]
        field.evaluate(t, z, dz)
        const at = field.vjp(t, z, a, az, atheta)
        return { dz, az, at: [at], atheta }
      })
      const [one, other] = [results[0]!, results[1]!]
      // Sums of up to seven float32 products of size one to ten.
      expect(relativeError(other.dz, one.dz)).toBeLessThan(3e-6)
      expect(relativeError(other.az, one.az)).toBeLessThan(3e-6)
      expect(relativeError(other.at, one.at)).toBeLessThan(3e-6)
      expect(relativeError(sorted(other.atheta), sorted(one.atheta))).toBeLessThan(3e-6)
    }
  })

  it('shares its parameters with the variables', () => {
    const model = seeded(create())
    const field = tensorField(model)
    for (let i = 0; i < field.parameters.length; i++) if (field.parameters[i] !== 0) field.parameters[i] = i + 1
    field.prepare()
    const direct = tensorField(model, { fuse: false })
    expect(sorted(direct.parameters)).toEqual(sorted(field.parameters))
    const first = field.variables[0]!
    tf.tidy(() => first.assign(tf.fill(first.shape, -7)))
    field.prepare()
    expect(field.parameters.filter(value => value === -7)).toHaveLength(first.size)
  })
})

/** Without zeros: a fused field has parameters for biases that the model lacks. */
function sorted(values: Float64Array): number[] {
  return Array.from(values)
    .filter(value => value !== 0)
    .sort((a, b) => a - b)
}

describe('what is not learned', () => {
  it('has no gradient: layers that are not trainable, biases that are not there', () => {
    const model = seeded(
      tfl.sequential({
        layers: [
          dense({ units: 4, inputShape: [3], activation: 'tanh', trainable: false }),
          dense({ units: 3, useBias: false }),
        ],
      }),
    )
    const field = tensorField(model)
    const atheta = new Float64Array(field.parameters.length).fill(5)
    field.vjp(0, Float64Array.of(1, 2, 3), Float64Array.of(1, 1, 1), new Float64Array(3), atheta)
    const learned = Array.from(atheta, (value, i) => (value === 5 ? -1 : i)).filter(i => i >= 0)
    // The second kernel only: after 3·4 + 4 of the first layer, before 3 biases.
    expect(learned).toEqual(Array.from({ length: 12 }, (_, i) => 16 + i))
  })
})

describe('what cannot be fused says why', () => {
  const chain = (...layers: tfl.layers.Layer[]) =>
    tfl.sequential({ layers: [dense({ units: 3, inputShape: [3], name: `d${++inputs}` }), ...layers] })
  it.each<[string, () => tfl.LayersModel, RegExp]>([
    [
      'an activation',
      () => chain(dense({ units: 3, activation: 'elu', name: 'e' })),
      /layer "e" has the activation "elu"/,
    ],
    ['a layer', () => chain(leakyReLU({ name: 'leaky' }), dense({ units: 3 })), /layer "leaky" is a LeakyReLU layer/],
    [
      'two activations in a row',
      () => chain(dense({ units: 3, activation: 'tanh', name: 'two' }), activation({ activation: 'relu' })),
      /layer "two" has tanh and relu after it/,
    ],
    [
      'branches',
      () => {
        const z = state()
        const one = dense({ units: 3, activation: 'tanh' }).apply(z) as tfl.SymbolicTensor
        const other = dense({ units: 3, activation: 'relu' }).apply(z) as tfl.SymbolicTensor
        return tfl.model({
          inputs: z,
          outputs: add({ name: 'both' } as never).apply([one, other]) as tfl.SymbolicTensor,
        })
      },
      /layer "both" adds two branches of which none is a linear layer of z without bias/,
    ],
  ])('%s', (_what, create, reason) => {
    const field = tensorField(create())
    expect(field.fused).toBe(false)
    expect(field.explanation).toMatch(reason)
    expect(field.explanation).toMatch(/^not fused: /)
  })

  it('also when fusing was switched off', () => {
    expect(tensorField(chain(noise({ rate: 0.1 })), { fuse: false }).explanation).toBe(
      'not fused: fusing was switched off',
    )
  })
})
