import { from } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation.js'
import { sameUnit } from '../../src/operators/same-unit.js'
import type { WrongUnit } from '../../src/operators/unit-doubt.js'
import { Random } from '../../src/random.js'
import { at } from '../support/observations.js'
import { collect, describeOperatorContract } from '../support/operator-contract.js'

const before = Array.from({ length: 20 }, (_, i) => 1 + i)

describeOperatorContract('sameUnit', {
  create: () => sameUnit(),
  inputs: [1, 2, 3, 4].map(t => at(t, t)),
  callbacks: {
    refused: fail => ({
      operator: sameUnit({ refused: fail }),
      inputs: [...before, 21_000, 22_000].map(t => at(t, 1)),
    }),
  },
})

function through(times: readonly number[]) {
  const refused: [t: number, wrong: WrongUnit][] = []
  const operator = sameUnit({ refused: ({ t }, wrong) => refused.push([t, wrong]) })
  const { values } = collect(from(times.map(t => at(t, t))).pipe(operator))
  return {
    passed: values.map(({ t }) => t),
    refused: refused.map(([t]) => t),
    wrong: refused.map(([, wrong]) => wrong),
  }
}

const EPOCH = 1_423_666_080
const second = (i: number) => 1 + i
const cases: [name: string, time: (i: number) => number][] = [
  ['relative seconds', second],
  ['relative seconds from 5000 on', i => 5000 + i],
  ['seconds since 1970', i => EPOCH + i],
  ['a reading an hour', i => EPOCH + 3600 * i],
  ['milliseconds', i => EPOCH + i / 1000],
]

describe('sameUnit', () => {
  it.each(cases.flatMap(([name, time]) => ([1, -1, 2, -2, 3] as const).map(power => [name, power, time] as const)))(
    'F12: %s, then of power %i for ever: nothing of it passes, and the power is named',
    (_, power, time) => {
      const right = Array.from({ length: 300 }, (_, i) => time(i))
      const wrong = Array.from({ length: 500 }, (_, i) => time(300 + i) * 1000 ** power)
      const back = Array.from({ length: 20 }, (_, i) => time(800 + i))
      const result = through([...right, ...wrong, ...back])
      expect(result.passed).toEqual([...right, ...back])
      expect(result.refused).toEqual(wrong)
      expect(new Set(result.wrong.map(w => w.power))).toEqual(new Set([power]))
    },
  )

  it.each(cases)('F12: one time of %s in another unit is put aside, wherever it stands', (_, time) => {
    const times = Array.from({ length: 60 }, (_, i) => time(i))
    for (let where = 10; where < 60; where++) {
      const wrong = (time(where - 1) + 1e-3) * 1000
      expect(through(times.toSpliced(where, 0, wrong))).toMatchObject({ passed: times, refused: [wrong] })
    }
  })

  it('F12: gaps of any length, exponential ones: the unit is known for wrong to the end', () => {
    const random = new Random(5)
    let t = 0
    const times = Array.from({ length: 20_000 }, () => (t += -Math.log(1 - random.uniform())))
    const [right, wrong] = [times.slice(0, 300), times.slice(300).map(time => 1000 * time)]
    expect(through([...right, ...wrong])).toMatchObject({ passed: right, refused: wrong })
  })

  it('F16: pauses of any length pass, those that a change of units would look like among them', () => {
    for (const [, time] of cases)
      for (let exponent = 0; exponent <= 9; exponent += 0.05) {
        const pause = 10 ** exponent
        const times = Array.from({ length: 60 }, (_, i) => time(i) + (i < 30 ? 0 : pause))
        expect(through(times).passed).toEqual(times)
      }
    const close = [...before, ...Array.from({ length: 30 }, (_, i) => 21_000 + i)]
    expect(through(close).passed).toEqual(close)
  })

  it.each([
    ['0, 1, 2, …, 5000', Array.from({ length: 5001 }, (_, i) => i)],
    ['0, 1, 2, 5000', [0, 1, 2, 5000, 5001]],
    ['a year', [...before.map(t => EPOCH + t), EPOCH + 31_536_000, EPOCH + 31_536_001]],
    ['a clock that is set at last', [...before, EPOCH, EPOCH + 1]],
    ['a device that starts anew', [...before.map(t => 1e6 + t), 0.5, 1.5, 2.5]],
    ['times around zero', Array.from({ length: 60 }, (_, i) => (i - 30) / 10)],
    ['steps that grow and grow', Array.from({ length: 60 }, (_, i) => 1.5 ** i)],
  ])('F16: %s: passes as it came', (_, times) => {
    expect(through(times)).toMatchObject({ passed: times, refused: [] })
  })

  it('F11: a first time beyond all clocks is put aside, whatever its unit', () => {
    for (const scale of [100, 1e3, 1e6, 1e9]) {
      const first = EPOCH * scale
      expect(through([first, EPOCH, EPOCH + 1])).toMatchObject({ passed: [EPOCH, EPOCH + 1], refused: [first] })
    }
  })

  it('a correction in another unit is put aside, a retraction needs no time', () => {
    const refused: Observation[] = []
    const wrong = { ...at(21_000, 1), id: 'a', revision: 'correct' } as const
    const taken = { ...at(22_000, 1), id: 'a', revision: 'retract' } as const
    const operator = sameUnit({ refused: o => refused.push(o) })
    const inputs = [...before.map(t => at(t, 1)), wrong, taken]
    expect(collect(from(inputs).pipe(operator)).values).toEqual([...inputs.slice(0, -2), taken])
    expect(refused).toEqual([wrong])
  })
})
