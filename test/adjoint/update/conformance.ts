import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UpdateMap } from '../../../src/adjoint/update/update-map.js'
import { Random } from '../../../src/random.js'
import { array, bits, dot, largest } from '../../support/arrays.js'
import { smoothDifferences } from '../../support/finite-differences.js'

const DIMENSION = 4
const CHANNELS = 2

/**
 * What every update map promises.
 * @param create A map of a state of four dimensions with two observed channels, its parameters drawn from the generator.
 * @param options `linear`: in the state and in the observation, so that a value measured as predicted has no effect.
 */
export function updateConformance(
  name: string,
  create: (random: Random) => UpdateMap,
  { linear = true }: { readonly linear?: boolean } = {},
): void {
  const place = (seed: number, missing: readonly boolean[]) => {
    const random = new Random(seed)
    const update = create(random)
    const draw = (n: number) => array(n, () => random.normal())
    const y = draw(CHANNELS).map((value, j) => (missing[j] ? Number.NaN : value))
    return { update, z: draw(DIMENSION), y, a: draw(DIMENSION) }
  }
  type Place = ReturnType<typeof place>

  const apply = ({ update, z, y }: Place) => {
    const zPlus = new Float64Array(DIMENSION).fill(Number.NaN)
    update.apply(z, y, zPlus)
    return zPlus
  }
  const pull = ({ update, z, y, a }: Place) => {
    const [az, aphi, ay] = [a.slice(), new Float64Array(update.parameters.length), new Float64Array(CHANNELS)]
    update.vjp(z, y, az, aphi, ay)
    return { az, aphi, ay }
  }

  const places = fc
    .tuple(fc.nat(1e6), fc.array(fc.boolean(), { minLength: CHANNELS, maxLength: CHANNELS }))
    .map(([seed, missing]) => place(seed, missing))

  describe(`update map ${name}`, () => {
    it('vjp is the derivative of apply by state, parameters and observation', () => {
      fc.assert(
        fc.property(places, at => {
          const product = () => dot(at.a, apply(at))
          const { az, aphi, ay } = pull(at)
          // The differences are good to 1e-11 of the terms they are made of: where the gates are closed, a slope may be far smaller.
          const tolerance = 1e-10 * (1 + dot(at.a.map(Math.abs), apply(at).map(Math.abs)))
          const agree = (actual: Float64Array, x: Float64Array) => {
            const measured = smoothDifferences(product, x)
            expect(largest(actual.map((slope, i) => slope - (Number.isNaN(x[i]) ? 0 : measured[i]!)))).toBeLessThan(
              tolerance,
            )
          }
          agree(az, at.z)
          agree(aphi, at.update.parameters)
          agree(ay, at.y)
        }),
      )
    })

    it('without a value nothing happens, and no NaN gets through', () => {
      const nothing = place(3, [true, true])
      expect(bits(apply(nothing))).toBe(bits(nothing.z))
      const { az, aphi, ay } = pull(nothing)
      expect(bits(az)).toBe(bits(nothing.a))
      expect([...aphi, ...ay].every(x => x === 0)).toBe(true)
    })

    if (linear)
      it('a missing channel has no effect, and the other the same as alone', () => {
        fc.assert(
          fc.property(fc.nat(1e6), seed => {
            const at = place(seed, [false, true])
            expect(apply(at).every(Number.isFinite)).toBe(true)
            const { az, aphi, ay } = pull(at)
            expect([...az, ...aphi, ...ay].every(Number.isFinite)).toBe(true)
            expect(ay[1]).toBe(0)
            const gone = at.z.map((value, i) => apply(at)[i]! - value)
            const there = place(seed, [false, false])
            there.y[1] = there.z[1]! // measured as predicted, which is the same as not at all for every map
            const moved = there.z.map((value, i) => apply(there)[i]! - value)
            expect(bits(moved)).toBe(bits(gone))
          }),
        )
      })

    it('adds to the gradients, and can do without the one by observation', () => {
      const at = place(5, [false, false])
      const { az, aphi, ay } = pull(at)
      const [again, sum, sumY] = [at.a.slice(), aphi.slice(), ay.slice()]
      at.update.vjp(at.z, at.y, again, sum, sumY)
      expect(bits(again)).toBe(bits(az))
      expect(bits(sum)).toBe(bits(aphi.map(x => 2 * x)))
      expect(bits(sumY)).toBe(bits(ay.map(x => 2 * x)))
      const without = at.a.slice()
      at.update.vjp(at.z, at.y, without, new Float64Array(aphi.length))
      expect(bits(without)).toBe(bits(az))
    })

    it('leaves state, observation and parameters as they were', () => {
      const at = place(6, [false, true])
      const before = [at.z, at.y, at.update.parameters].map(bits)
      apply(at)
      pull(at)
      expect([at.z, at.y, at.update.parameters].map(bits)).toEqual(before)
    })
  })
}

/** For maps that read every channel. @param create One from two channels to a state of three. */
export function refusesOtherLengths(create: () => UpdateMap): void {
  it.each([1, 3])('refuses an observation of %i values for two channels', length => {
    const update = create()
    const [z, y, zPlus] = [new Float64Array(3), new Float64Array(length), new Float64Array(3)]
    const error = expect.objectContaining({
      code: 'DIMENSION_MISMATCH',
      received: `an observation of ${length} numbers`,
      expected: '2',
    })
    expect(() => update.apply(z, y, zPlus)).toThrow(error)
    expect(() => update.vjp(z, y, zPlus, new Float64Array(update.parameters.length))).toThrow(error)
  })
}
