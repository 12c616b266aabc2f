import { describe, expect, it } from 'vitest'
import type { VectorField } from '../../src/field/vector-field.js'
import { Random } from '../../src/random.js'
import { array, bits, dot, largest, relativeError } from '../support/arrays.js'
import { differences } from '../support/finite-differences.js'

/** Where and in which direction a field is looked at. */
interface Place {
  readonly field: VectorField
  readonly t: number
  readonly z: Float64Array
  readonly a: Float64Array
}

const SEEDS = [1, 2, 3]

/**
 * What every vector field promises.
 * @param create A field with parameters of this seed; all fields of one suite have the same shape.
 * @param options `vjpAccuracy`: what the field's own vjp is good to, relative.
 */
export function fieldConformance(
  name: string,
  create: (seed: number) => VectorField,
  { vjpAccuracy = 1e-9 }: { readonly vjpAccuracy?: number } = {},
): void {
  const places = SEEDS.map((seed): Place => {
    const field = create(seed)
    const random = new Random(seed + 100)
    const draw = () => array(field.dimension, () => random.normal())
    return { field, t: random.normal(), z: draw(), a: draw() }
  })

  describe(name, () => {
    it('vjp is the derivative of evaluate by state, parameters and time', () => {
      for (const place of places) {
        const { field, z } = place
        const product = () => alongAdjoint(place)
        const { az, atheta, at } = pull(place)
        const time = Float64Array.of(place.t)
        const byTime = differences(() => alongAdjoint({ ...place, t: time[0]! }), time)
        // Central differences with this step are good to 2e-10 where f has size one (FAULTS.md §3.4).
        expect(relativeError(az, differences(product, z))).toBeLessThan(1e-8)
        if (atheta.length > 0) expect(relativeError(atheta, differences(product, field.parameters))).toBeLessThan(1e-8)
        expect(Math.abs(at - byTime[0]!)).toBeLessThan(1e-8 * Math.max(1, Math.abs(at)))
      }
    })

    it('vjp is the transpose of the derivative along any direction', () => {
      for (const place of places) {
        const { field, t, z, a } = place
        const random = new Random(7)
        const v = array(field.dimension, () => random.normal())
        const Jv = directional(field, t, z, v)
        const scale = largest(a) * largest(Jv) + 1
        // Fourth-order differences are good to 1e-11 here; the sum over d products adds little.
        expect(Math.abs(dot(a, Jv) - dot(pull(place).az, v))).toBeLessThan(vjpAccuracy * scale)
      }
    })

    it('vjp is linear in the adjoint, and zero for a zero adjoint', () => {
      for (const place of places) {
        const half = pull({ ...place, a: place.a.map(x => x / 2) })
        const whole = pull(place)
        // Halving is exact, so both passes round alike.
        expect(bits(half.az.map(x => x * 2))).toBe(bits(whole.az))
        expect(bits(half.atheta.map(x => x * 2))).toBe(bits(whole.atheta))
        expect(half.at * 2).toBe(whole.at)
        const none = pull({ ...place, a: new Float64Array(place.a.length) })
        expect([largest(none.az), largest(none.atheta), none.at + 0]).toEqual([0, 0, 0])
      }
    })

    it('vjp adds to its outputs', () => {
      for (const place of places) {
        const { field, t, z, a } = place
        const az = array(field.dimension, i => 1000 + i)
        const atheta = array(field.parameters.length, i => -1000 - i)
        field.vjp(t, z, a, az, atheta)
        const alone = pull(place)
        // Adding a thousand and taking it off again costs 1000 ε.
        expect(largest(az.map((x, i) => x - 1000 - i - alone.az[i]!))).toBeLessThan(1e-11)
        expect(largest(atheta.map((x, i) => x + 1000 + i - alone.atheta[i]!))).toBeLessThan(1e-11)
      }
    })

    it('leaves state, adjoint and parameters as they were', () => {
      for (const place of places) {
        const { field, t, z, a } = place
        const before = [bits(z), bits(a), bits(field.parameters)]
        field.evaluate(t, z, new Float64Array(field.dimension))
        pull(place)
        expect([bits(z), bits(a), bits(field.parameters)]).toEqual(before)
      }
    })

    it('gives the same bits when asked again, whatever was asked in between', () => {
      const [place, other] = [places[0]!, places[1]!]
      const same = { ...other, field: place.field }
      const first = answers(place)
      slope(same)
      pull(same)
      const again = answers(place)
      expect(again).toEqual(first)
    })

    it('says whether it depends on time', () => {
      const moved = places.some(place => bits(slope(place)) !== bits(slope({ ...place, t: place.t + 1 })))
      expect(moved).toBe(places[0]!.field.timeDependent ?? true)
      if (!moved) for (const place of places) expect(pull(place).at).toBe(0)
    })
  })
}

function slope({ field, t, z }: Place): number[] {
  const dz = new Float64Array(field.dimension).fill(Number.NaN)
  field.prepare?.()
  field.evaluate(t, z, dz)
  return Array.from(dz)
}

function alongAdjoint(place: Place): number {
  return dot(place.a, slope(place))
}

function pull({ field, t, z, a }: Place): { az: Float64Array; atheta: Float64Array; at: number } {
  const az = new Float64Array(field.dimension)
  const atheta = new Float64Array(field.parameters.length)
  field.prepare?.()
  const at = field.vjp(t, z, a, az, atheta)
  return { az, atheta, at }
}

function answers(place: Place): string[] {
  const { az, atheta, at } = pull(place)
  return [slope(place), az, atheta, [at]].map(bits)
}

/** ∂f/∂z · v, by differences of fourth order. */
function directional(field: VectorField, t: number, z: Float64Array, v: Float64Array): Float64Array {
  const h = 1e-3
  const at = (k: number) => {
    const dz = new Float64Array(field.dimension)
    field.prepare?.()
    field.evaluate(
      t,
      z.map((x, i) => x + k * h * v[i]!),
      dz,
    )
    return dz
  }
  const [far, near, minus, minusFar] = [at(2), at(1), at(-1), at(-2)]
  return array(field.dimension, i => (8 * (near[i]! - minus[i]!) - (far[i]! - minusFar[i]!)) / (12 * h))
}
