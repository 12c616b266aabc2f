import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activations } from '../../src/field/activation.js'
import { kernel } from '../../src/kernel/kernel.js'
import { ACTIVATION_NAMES, type ActivationName } from '../../src/names.js'
import { fnv1a } from '../support/fnv.js'

const kernels = kernel()!
const COUNT = 256
const owner = {}
const address = kernels.arena.allocate(2 * COUNT * 8, owner)
const f64 = kernels.arena.float64(address, COUNT)
const f32 = new Float32Array(kernels.arena.memory.buffer, address, COUNT)

/** The activation of each number, at most 256 of them, by the kernel. */
function activate(name: ActivationName, x: readonly number[], precision: 'f64' | 'f32' = 'f64'): number[] {
  const view = precision === 'f64' ? f64 : f32
  view.fill(0)
  view.set(x)
  const vectors = precision === 'f64' ? COUNT / 2 : COUNT / 4
  kernels[precision].activate(ACTIVATION_NAMES.indexOf(name), address, address + COUNT * 8, vectors)
  return Array.from(view.subarray(0, x.length))
}

const even = (min: number, max: number) =>
  fc.maxSafeNat().map(n => Math.min(max, min + (max - min) * (n / Number.MAX_SAFE_INTEGER)))
const anywhere = fc.oneof(even(-800, 800), even(-25, 25), even(-1, 1), fc.double({ noNaN: true }))
const numbers = fc.array(anywhere, { minLength: 1, maxLength: COUNT })
const special = [0, -0, 5e-324, -5e-324, 1e-310, 1e308, -1e308, Infinity, -Infinity, Number.NaN]

describe('in float64', () => {
  /** Whose accuracy test/elementary.test.ts measures: at most 2 ulp. */
  it.each(ACTIVATION_NAMES)('%s has the bits of src/elementary.ts', name => {
    fc.assert(
      fc.property(numbers, x => {
        expect(activate(name, x)).toEqual(x.map(activations[name].value))
      }),
    )
    // A NaN may have either sign; relu of −0 is either zero.
    const unsigned = (y: readonly number[]) => y.map(value => value + 0)
    expect(unsigned(activate(name, special))).toEqual(unsigned(special.map(activations[name].value)))
  })
})

describe('in float32', () => {
  it.each(ACTIVATION_NAMES)('%s is within 4 units of the last place', name => {
    fc.assert(
      fc.property(fc.array(even(-20, 20), { minLength: 1, maxLength: COUNT }), drawn => {
        const x = Array.from(Float32Array.from(drawn))
        activate(name, x, 'f32').forEach((value, i) => {
          const exact = activations[name].value(x[i]!)
          expect(Math.abs(value - exact)).toBeLessThanOrEqual(4 * 2 ** -24 * Math.abs(exact))
        })
      }),
    )
  })

  it('does not hide what is not finite', () => {
    expect(activate('tanh', [Number.NaN, Infinity, -Infinity, 0], 'f32')).toEqual([Number.NaN, 1, -1, 0])
  })
})

/** A change of one of these changes what a replay gives: it belongs into the CHANGELOG. */
it.each([
  ['tanh', 'f64', '9838ce178f96eeed'],
  ['tanh', 'f32', '982a4f6927fa0435'],
  ['silu', 'f32', 'b51fea103ec95934'],
] as const)('%s in %s gives the same bits on every machine and Node version', (name, precision, golden) => {
  const y = Array.from({ length: 4 }, (_, block) => {
    const x = Array.from({ length: COUNT }, (_, i) => -12 + (24 * (block * COUNT + i)) / (4 * COUNT - 1))
    return activate(name, x, precision)
  })
  expect(fnv1a(y.flat())).toBe(golden)
})
