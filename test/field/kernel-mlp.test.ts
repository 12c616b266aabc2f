import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { solveAdjoint } from '../../src/adjoint/solve-adjoint.js'
import { type MlpShape, mlp, mlpLayout, mlpShape } from '../../src/field/mlp.js'
import type { VectorField } from '../../src/field/vector-field.js'
import { squaredPathLoss } from '../../src/learn/rules/path-loss.js'
import { ACTIVATION_NAMES, type Precision } from '../../src/names.js'
import { methods } from '../../src/ode/methods/index.js'
import { Random } from '../../src/random.js'
import { array, bits, largest, relativeError } from '../support/arrays.js'
import { fnv1a } from '../support/fnv.js'

interface Place {
  readonly shape: MlpShape
  readonly theta: Float64Array
  readonly t: number
  readonly z: Float64Array
  readonly a: Float64Array
}

const shapes = fc.record({
  dimension: fc.integer({ min: 1, max: 19 }),
  hidden: fc.array(fc.integer({ min: 1, max: 71 }), { maxLength: 3 }),
  activation: fc.constantFrom(...ACTIVATION_NAMES),
  time: fc.boolean(),
  skip: fc.boolean(),
})

/** Weights that keep sums of size one. */
function placeOf(shape: MlpShape, seed: number): Place {
  const random = new Random(seed)
  const { length } = mlpLayout(shape)
  const widest = Math.max(...shape.layers.map(layer => layer.inputs))
  const draw = (count: number, size = 1) => array(count, () => size * random.normal())
  const dimension = shape.layers.at(-1)!.outputs
  return {
    shape,
    theta: draw(length, 1 / Math.sqrt(widest)),
    t: random.normal(),
    z: draw(dimension),
    a: draw(dimension),
  }
}

const places = fc.tuple(shapes, fc.nat()).map(([shape, seed]) => placeOf(mlpShape(shape), seed))

/** Slope, and the three gradients with and without what the evaluation kept, alone and gathered. */
function answers(field: VectorField, { t, z, a }: Place) {
  const dz = new Float64Array(z.length)
  const kept = new Float64Array(field.keeps ?? 0)
  const pull = (left?: Float64Array) => {
    const az = new Float64Array(z.length)
    const atheta = new Float64Array(field.parameters.length)
    const at = field.vjp(t, z, a, az, atheta, left)
    return { az, atheta, at }
  }
  field.prepare?.()
  field.evaluate(t, z, dz, kept)
  return { dz, alone: pull(), withKept: pull(kept) }
}

function errorOfSums(actual: Float64Array, expected: Float64Array): number {
  return largest(actual.map((x, i) => x - expected[i]!)) / Math.max(1, largest(expected))
}

function compare(
  place: Place,
  options: { precision?: Precision },
  state: number,
  gradient: number,
  errorOf: typeof errorOfSums = relativeError,
): void {
  const fast = answers(mlp(place.shape, place.theta, options), place)
  const plain = answers(mlp(place.shape, place.theta, { kernel: false }), place)
  expect(errorOf(fast.dz, plain.dz)).toBeLessThan(state)
  for (const pulled of [fast.alone, fast.withKept]) {
    expect(errorOf(pulled.az, plain.alone.az)).toBeLessThan(gradient)
    expect(errorOf(pulled.atheta, plain.alone.atheta)).toBeLessThan(gradient)
    expect(Math.abs(pulled.at - plain.alone.at)).toBeLessThan(gradient * (1 + largest(plain.alone.az)))
  }
}

describe('kernels and plain TypeScript', () => {
  it('agree to the rounding of sums, whatever the sizes', () => {
    // A sum of 71 rounds by some 10 ε; three layers and a gradient of size one against sums that cancel.
    fc.assert(fc.property(places, place => compare(place, {}, 1e-12, 1e-12)))
  })

  it('agree in float32 to the rounding of sums of size one, where nothing is near the kink of relu', () => {
    const smooth = places.filter(({ shape }) => shape.layers.every(({ activation }) => activation !== 'relu'))
    fc.assert(
      // Sums of 71 products of size one, which may cancel.
      fc.property(smooth, place => compare(place, { precision: 'f32' }, 1e-5, 1e-5, errorOfSums)),
    )
  })

  it('N05, N38: float32 solves as FAULTS.md §3 asks: 30 networks of 32 units, 64 steps of rk4; states to 2e-6, gradients to 1e-5', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { shape, theta, z } = placeOf(mlpShape({ dimension: 3, hidden: [32], activation: 'tanh' }), seed)
      const observed = [array(3, i => i - 1)]
      const solve = (options: { precision?: Precision; kernel?: boolean }) =>
        solveAdjoint({
          field: mlp(shape, theta, options),
          path: { startTime: 0, startState: z, length: 1, time: () => 2, observed: i => observed[i]! },
          loss: squaredPathLoss(observed, [1]),
          solver: { method: methods.rk4, rtol: 1, atol: 1, step: 2 / 64 },
        })
      const [single, double] = [solve({ precision: 'f32' }), solve({ kernel: false })]
      expect(relativeError(single.states[0]!, double.states[0]!)).toBeLessThan(2e-6)
      expect(relativeError(single.gradient.field, double.gradient.field)).toBeLessThan(1e-5)
      expect(relativeError(single.gradient.start, double.gradient.start)).toBeLessThan(1e-5)
    }
  })

  it.each(['f64', 'f32'] as const)(
    '%s: what an evaluation keeps gives the bits of a vjp that evaluates anew',
    precision => {
      fc.assert(
        fc.property(places, place => {
          const { alone, withKept } = answers(mlp(place.shape, place.theta, { precision }), place)
          expect(bits(withKept.az)).toBe(bits(alone.az))
          expect(bits(withKept.atheta)).toBe(bits(alone.atheta))
        }),
      )
    },
  )
})

describe('a field on kernels', () => {
  const place = placeOf(mlpShape({ dimension: 5, hidden: [17, 3], activation: 'silu', time: true, skip: true }), 1)

  it('gathers gradients until they are settled', () => {
    const field = mlp(place.shape, place.theta)
    const gathered = new Float64Array(place.theta.length)
    const other = new Float64Array(place.theta.length)
    const once = answers(field, place).alone.atheta
    field.gather!(gathered)
    for (let k = 0; k < 3; k++) field.vjp(place.t, place.z, place.a, new Float64Array(5), gathered)
    expect(largest(gathered)).toBe(0)
    field.vjp(place.t, place.z, place.a, new Float64Array(5), other)
    field.vjp(place.t, place.z, place.a, new Float64Array(5), gathered)
    field.settle!()
    expect(bits(other)).toBe(bits(once))
    // Four times the same, added in another order.
    expect(
      relativeError(
        gathered,
        once.map(x => 4 * x),
      ),
    ).toBeLessThan(1e-14)
  })

  it('leaves what it keeps in its own arrays as in any others', () => {
    const field = mlp(place.shape, place.theta)
    const [own] = field.wholeSteps!.createRecord(2)!.kept
    const plain = new Float64Array(field.keeps!)
    const dz = new Float64Array(5)
    const gradients = [own!, plain].map(kept => {
      const atheta = new Float64Array(place.theta.length)
      field.evaluate(place.t, place.z, dz, kept)
      field.evaluate(0, place.a, dz, field.wholeSteps!.createRecord(1)!.kept[0]!)
      field.vjp(place.t, place.z, place.a, new Float64Array(5), atheta, kept)
      return bits(atheta)
    })
    expect(gradients[1]).toBe(gradients[0])
  })

  it('keeps its views when the memory of the kernels grows', () => {
    const field = mlp(place.shape, place.theta)
    const before = answers(field, place)
    const more = Array.from({ length: 200 }, () =>
      mlp(mlpShape({ dimension: 4, hidden: [64, 64], activation: 'tanh' })),
    )
    const after = answers(field, place)
    expect(more.every(other => other.keeps === field.keeps)).toBe(false)
    expect(bits(after.dz)).toBe(bits(before.dz))
    expect(bits(after.alone.atheta)).toBe(bits(before.alone.atheta))
  })

  it('can be switched off', () => {
    const field = mlp(place.shape, place.theta, { kernel: false })
    expect(field.keeps).toBeUndefined()
  })

  it('gives the same bits on every machine and Node version', () => {
    const golden = (['f64', 'f32'] as const).map(precision => {
      const { dz, alone } = answers(mlp(place.shape, place.theta, { precision }), place)
      return fnv1a([...dz, ...alone.az, ...alone.atheta, alone.at])
    })
    expect(golden).toEqual(['b9cb2aa2a646c752', '3cb199a2175e55b2'])
  })
})
