import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { SYSTEM_NAMES, type SystemName } from '../../../src/names.js'
import { type SimulateOptions, simulate } from '../../../streams/simulate/simulate.js'
import { systems } from '../../../streams/simulate/systems.js'
import { rungeKutta } from '../../support/runge-kutta.js'

interface Message {
  readonly key?: string
  readonly t: number
  readonly y: (number | null)[]
}
const run = (options: SimulateOptions) => [...simulate(options)]
const parse = (options: SimulateOptions) => run(options).map(line => JSON.parse(line) as Message)
const sha256 = (lines: readonly string[]) => createHash('sha256').update(lines.join('\n')).digest('hex')

/** Of 200 observations with seed 1. They change only when the format, the equations, the generator or the solver change. */
const GOLDEN: Readonly<Record<SystemName, string>> = {
  'van-der-pol': 'b9fbaeababbae79d5e0a4b8e99cc674983a43ea895c55ce4fec15e74d3c8cedc',
  'lotka-volterra': 'f854b85db4f93c51141505065415e53c8bf3b91fdb057465e24e48719af21fe8',
  pendulum: 'c7fab1c4c41c3ad2b017692de56bc21e778a29cfa7e14e9bb7cc67a393729d99',
  lorenz: '7898cef23028892031671cad926deff32a641ef3d288a453a678c9e339cfdf78',
  spiral: '0c243b8b48a3ca0db3f54c10bfdf804c6fbc10ec74555fd94c391f48ba292365',
}

describe('simulate', () => {
  for (const system of SYSTEM_NAMES) {
    it(`gives the bytes of ${system} that it has always given`, () => {
      expect(sha256(run({ system, count: 200 }))).toBe(GOLDEN[system])
    })

    it(`solves the equations of ${system}`, () => {
      const { start, evaluate } = systems[system]
      // Lorenz is chaotic: a difference grows by e^(0.9 t).
      const count = system === 'lorenz' ? 40 : 100
      let [t, z]: [number, Float64Array] = [0, Float64Array.from(start)]
      for (const message of parse({ system, noise: 0, count })) {
        z = rungeKutta(evaluate, z, message.t - t, 2e-4)
        t = message.t
        message.y.forEach((value, j) => {
          expect(Math.abs(value! - z[j]!), `${system} at t=${t}`).toBeLessThan(1e-7)
        })
      }
    })
  }

  it('gives the same bytes for the same seed and others for another', () => {
    const options = { system: 'pendulum', count: 50 } as const
    expect(run({ ...options, seed: 5 })).toEqual(run({ ...options, seed: 5 }))
    const seeds = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]
    expect(new Set(seeds.map(seed => sha256(run({ ...options, seed }))))).toHaveProperty('size', seeds.length)
  })

  it('gives a thousand observations unless told otherwise, in the order of time', () => {
    const messages = parse({ system: 'spiral' })
    expect(messages).toHaveLength(1000)
    messages.forEach(({ t }, i) => {
      expect(t).toBeGreaterThan(i === 0 ? 0 : messages[i - 1]!.t)
    })
  })

  it('has gaps of the asked mean, exponentially distributed', () => {
    const count = 4000
    const times = parse({ system: 'pendulum', count, gap: 0.05 }).map(({ t }) => t)
    const gaps = times.map((t, i) => t - (times[i - 1] ?? 0))
    const mean = times.at(-1)! / count
    // Five standard deviations of the mean, of the share beyond the mean, of the share beyond three times the mean.
    expect(Math.abs(mean - 0.05)).toBeLessThan((5 * 0.05) / Math.sqrt(count))
    for (const factor of [1, 3]) {
      const share = gaps.filter(gap => gap > factor * 0.05).length / count
      const expected = Math.exp(-factor)
      expect(Math.abs(share - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / count))
    }
  })

  it('has noise of the asked standard deviation', () => {
    const options = { system: 'lotka-volterra', count: 2000 } as const
    const exact = parse({ ...options, noise: 0 })
    const errors = parse({ ...options, noise: 0.3 }).flatMap(({ y }, i) => y.map((v, j) => v! - exact[i]!.y[j]!))
    const deviation = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)
    // A standard deviation estimated from n values has a relative error of 1/√(2n).
    expect(Math.abs(deviation / 0.3 - 1)).toBeLessThan(5 / Math.sqrt(2 * errors.length))
  })

  it('leaves out the asked share of values and changes nothing else', () => {
    const options = { system: 'lorenz', count: 2000 } as const
    const whole = parse(options)
    const sparse = parse({ ...options, missing: 0.3 })
    let missing = 0
    sparse.forEach(({ t, y }, i) => {
      expect(t).toBe(whole[i]!.t)
      y.forEach((value, j) => {
        if (value === null) missing++
        else expect(value).toBe(whole[i]!.y[j])
      })
    })
    expect(Math.abs(missing / 6000 - 0.3)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 6000))
  })

  it('hides channels and changes nothing else', () => {
    const whole = parse({ system: 'lorenz', count: 30 })
    const hidden = parse({ system: 'lorenz', count: 30, hide: ['y', 'z'] })
    expect(hidden).toEqual(whole.map(({ t, y }) => ({ t, y: [y[0], null, null] })))
  })

  it('writes the key when there is one', () => {
    const [first] = parse({ system: 'spiral', count: 1, key: 's-1' })
    expect(Object.keys(first!)).toEqual(['key', 't', 'y'])
    expect(first!.key).toBe('s-1')
    expect(Object.keys(parse({ system: 'spiral', count: 1 })[0]!)).toEqual(['t', 'y'])
  })

  it('refuses to hide a channel that the system does not have', () => {
    expect(() => run({ system: 'lorenz', hide: ['x', 'w'] })).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringContaining('channels of lorenz: x, y, z'),
      }),
    )
  })
})
