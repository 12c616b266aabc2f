import * as tf from '@tensorflow/tfjs-core'
import * as tfl from '@tensorflow/tfjs-layers'
import { describe, expect, it } from 'vitest'
import type { ContraflowError } from '../../src/errors.js'
import { Random } from '../../src/random.js'
import { type TensorFieldOptions, tensorField } from '../../src/tensor/tensor-field.js'
import type { TensorDynamics } from '../../src/tensor/tensor-function.js'
import { array, dot, relativeError } from '../support/arrays.js'
import { onEveryBackend, tensorsLeftBy } from '../support/tensors.js'

/** Layer normalisation keeps it from being fused. */
function customModel(): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 8, inputShape: [3], activation: 'elu', name: 'inner' }),
      tfl.layers.layerNormalization({ name: 'normalised' }),
      tfl.layers.dense({ units: 3, name: 'outer' }),
    ],
  })
  return seed(model)
}

function seed(model: tfl.LayersModel): tfl.LayersModel {
  const random = new Random(3)
  tf.tidy(() => model.setWeights(model.getWeights().map(({ shape, size }) => tf.tensor(draw(random, size), shape))))
  return model
}

function draw(random: Random, length: number): Float32Array {
  return Float32Array.from({ length }, () => 0.6 * random.normal())
}

function slope(field: ReturnType<typeof tensorField>, z: Float64Array, t = 0): Float64Array {
  const dz = new Float64Array(field.dimension)
  field.prepare()
  field.evaluate(t, z, dz)
  return dz
}

function failure(run: () => unknown): ContraflowError {
  try {
    run()
  } catch (error) {
    return error as ContraflowError
  }
  throw new Error('nothing was thrown')
}

const z = Float64Array.of(0.3, -0.7, 0.2)
const a = Float64Array.of(1, -0.5, 2)

await onEveryBackend(() => {
  describe('a model that cannot be fused', () => {
    it('evaluates as the model predicts', () => {
      const model = customModel()
      const expected = tf.tidy(() =>
        Array.from((model.predict(tf.tensor2d(Float32Array.from(z), [1, 3])) as tf.Tensor).dataSync()),
      )
      expect(Array.from(slope(tensorField(model), z))).toEqual(expected)
    })

    it('has a vjp that differences of the field confirm', () => {
      const field = tensorField(customModel())
      const [az, atheta] = [new Float64Array(3), new Float64Array(field.parameters.length)]
      field.prepare()
      expect(field.vjp(0, z, a, az, atheta)).toBe(0)
      const along = () => dot(a, slope(field, z))
      // Float32 and a step of 1e-2: rounding 6e-8 / 1e-2 and truncation 1e-4 of a third derivative.
      expect(relativeError(az, centralDifferences(along, z))).toBeLessThan(2e-3)
      expect(relativeError(atheta, centralDifferences(along, field.parameters))).toBeLessThan(2e-3)
    })

    it('evaluates and differentiates many states at once as it does one by one', () => {
      const field = tensorField(customModel())
      const random = new Random(5)
      const [states, adjoints] = [array(15, () => random.normal()), array(15, () => random.normal())]
      const times = new Float64Array(5)
      const [slopes, az, atheta] = [
        new Float64Array(15),
        new Float64Array(15),
        new Float64Array(field.parameters.length),
      ]
      field.evaluateBatch(times, states, slopes)
      field.vjpBatch({ times, states, adjoints }, az, atheta, new Float64Array(5))
      const [dz, azRow, athetaSum] = [new Float64Array(3), new Float64Array(3), new Float64Array(atheta.length)]
      for (let i = 0; i < 5; i++) {
        const rows = [states, adjoints].map(all => all.slice(3 * i, 3 * i + 3))
        field.evaluate(0, rows[0]!, dz)
        azRow.fill(0)
        field.vjp(0, rows[0]!, rows[1]!, azRow, athetaSum)
        // The order of float32 sums may differ with the shape.
        expect(relativeError(slopes.subarray(3 * i, 3 * i + 3), dz)).toBeLessThan(1e-6)
        expect(relativeError(az.subarray(3 * i, 3 * i + 3), azRow)).toBeLessThan(1e-5)
      }
      expect(relativeError(atheta, athetaSum)).toBeLessThan(1e-5)
    })

    it('has a Jacobian whose rows are vjps with unit vectors', () => {
      const field = tensorField(customModel())
      const jacobian = new Float64Array(9)
      field.jacobian!(0, z, jacobian)
      const rows = [0, 1, 2].flatMap(i => {
        const row = new Float64Array(3)
        const unit = array(3, j => (i === j ? 1 : 0))
        field.vjp(0, z, unit, row, new Float64Array(field.parameters.length))
        return Array.from(row)
      })
      expect(relativeError(jacobian, rows)).toBeLessThan(1e-5)
    })

    it('F55: leaves no tensor behind, also where it fails', () => {
      const field = tensorField(customModel())
      const [dz, az, atheta] = [new Float64Array(3), new Float64Array(3), new Float64Array(field.parameters.length)]
      const left = tensorsLeftBy(() => {
        for (let n = 0; n < 150; n++) {
          field.parameters[0]! += 1e-3
          field.prepare()
          field.evaluate(0, z, dz)
          field.vjp(0, z, a, az, atheta)
        }
        expect(() => field.evaluate(0, z.subarray(1), dz)).toThrow()
        expect(() => field.vjp(0, z.subarray(1), a, az, atheta)).toThrow()
      })
      expect(left).toBe(0)
    })
  })

  describe('parameters and variables', () => {
    it('are the same after prepare, whichever side has changed', () => {
      const model = customModel()
      const field = tensorField(model)
      const first = model.trainableWeights[0]!.read() as tf.Variable
      field.parameters[2] = 0.125
      field.prepare()
      expect(first.dataSync()[2]).toBe(0.125)
      tf.tidy(() => first.assign(tf.fill(first.shape, 0.75)))
      field.prepare()
      expect(Array.from(field.parameters.subarray(0, first.size))).toEqual(Array(first.size).fill(0.75))
    })

    it('may be shared by fields with parameters of their own', () => {
      const model = customModel()
      const [one, other] = [tensorField(model), tensorField(model)]
      one.parameters.fill(0.25)
      other.parameters.fill(-0.5)
      const alone = [slope(one, z), slope(other, z)].map(values => Array.from(values))
      expect(alone[0]).not.toEqual(alone[1])
      expect([slope(one, z), slope(other, z)].map(values => Array.from(values))).toEqual(alone)
    })

    it('are float64 outside and rounded inside: what is learned in small steps is not lost', () => {
      const field = tensorField(customModel())
      field.parameters[0] = 1
      for (let n = 0; n < 100; n++) {
        field.parameters[0]! += 1e-9
        field.prepare()
      }
      expect(field.parameters[0]).toBeCloseTo(1 + 1e-7, 12)
    })
  })

  describe('a function', () => {
    const matrix = () => tf.variable(tf.tensor2d([-0.1, 2, -2, -0.1], [2, 2]))

    it('is asked for its variables, and whether it uses t', () => {
      const [used, unused] = [matrix(), matrix()]
      const autonomous = tensorField((_t, x) => tf.matMul(x, used as tf.Tensor2D), { dimension: 2 })
      expect(autonomous.variables).toEqual([used])
      expect(autonomous.timeDependent).toBe(false)
      expect(autonomous.explanation).toMatch(/^not fused: a function/)
      const driven = tensorField((t, x) => tf.add(x, tf.sin(t)), { dimension: 2 })
      expect(driven.timeDependent).toBe(true)
      expect(driven.parameters).toHaveLength(0)
      const az = new Float64Array(2)
      // ∂/∂t of x + sin t along a is (a₁ + a₂) cos t.
      expect(driven.vjp(0.5, Float64Array.of(1, 2), Float64Array.of(1, 2), az, new Float64Array(0))).toBeCloseTo(
        3 * Math.cos(0.5),
        6,
      )
      tf.dispose([used, unused])
    })

    it.each<[string, TensorDynamics, TensorFieldOptions, RegExp]>([
      ['no dimension', (_t, x) => x, {}, /OPTION_INVALID: received dimension: undefined/],
      ['a promise', (async (_t: unknown, x: unknown) => x) as never, { dimension: 2 }, /received \[object Promise\]/],
      ['another shape', (_t, x) => tf.sum(x), { dimension: 2 }, /received a tensor \[\]; expected a tensor \[1,2\]/],
      [
        'an operation that has no derivative',
        (_t, x) => tf.where(tf.greater(x, 0), x, tf.zerosLike(x)),
        { dimension: 2 },
        /TENSOR_OPERATION_FAILED: received .*Greater/,
      ],
    ])('with %s is refused when the field is made', (_what, f, options, message) => {
      const left = tensorsLeftBy(() => {
        expect(failure(() => tensorField(f, options)).message).toMatch(message)
      })
      expect(left).toBe(0)
    })
  })

  describe('a model that is no field', () => {
    const sequential = (...layers: tfl.layers.Layer[]) => tfl.sequential({ layers })
    it.each<[string, () => tfl.LayersModel, RegExp]>([
      [
        'with another output than its input',
        () => sequential(tfl.layers.dense({ units: 5, inputShape: [3], name: 'wide' })),
        /inputs of 3 for an output of 5 from layer "wide/,
      ],
      [
        'of sequences',
        () => sequential(tfl.layers.dense({ units: 3, inputShape: [4, 3], name: 'rows' })),
        /shape \[null, 4, 3\] at layer "rows/,
      ],
      ['that has no layers yet', () => tfl.sequential(), /has not been built/],
    ])('%s is refused by the name of its layer', (_what, create, message) => {
      const error = failure(() => tensorField(create()))
      expect(error.code).toBe('TENSOR_MODEL_INVALID')
      expect(error.message).toMatch(message)
    })

    it('names the layer that cannot be differentiated', () => {
      class Mask extends tfl.layers.Layer {
        static readonly className = 'Mask'
        override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
          const x = Array.isArray(inputs) ? inputs[0]! : inputs
          return tf.where(tf.greater(x, 0), x, tf.zerosLike(x))
        }
      }
      const model = sequential(
        tfl.layers.dense({ units: 3, inputShape: [3], name: 'fine' }),
        new Mask({ name: 'the-mask' } as never),
      )
      const error = failure(() => tensorField(model))
      expect(error.code).toBe('TENSOR_OPERATION_FAILED')
      expect(error.message).toMatch(/layer "the-mask": received .*Greater/)
    })
  })
})

/** In float32, so with a coarse step. */
function centralDifferences(f: () => number, at: Float64Array, step = 1e-2): Float64Array {
  return at.map((value, i) => {
    at[i] = value + step
    const above = f()
    at[i] = value - step
    const below = f()
    at[i] = value
    return (above - below) / (2 * step)
  })
}
