import { from } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation.js'
import { quarantine } from '../../src/operators/quarantine.js'
import { reorder } from '../../src/operators/reorder.js'
import { Random } from '../../src/random.js'
import { learnInAnyOrder } from '../support/any-arrival.js'
import { displacedStreams, duplicatedStreams } from '../support/disturbed-streams.js'
import { crossGaps, DECADES } from '../support/long-gaps.js'
import { at } from '../support/observations.js'
import { collect } from '../support/operator-contract.js'
import { SEED } from '../support/seed.js'

const STREAMS = Number(process.env.STREAMS ?? 1000)
const ORDERS = Number(process.env.ORDERS ?? 100_000)
const PLACES = Number(process.env.PLACES ?? 1000)
const GAPS = Number(process.env.GAPS ?? 30)

describe('event time', () => {
  it.each([
    ['F06: repeated with a probability of 0.3', duplicatedStreams],
    ['F07: displaced within the lateness', displacedStreams],
  ])('%s: the same parameters, moments and estimates, to the bit', (what, disturb) => {
    const { streams, observations, disturbed, different } = disturb(STREAMS, SEED)
    console.log(
      `seed ${SEED}: ${streams} streams, ${observations} observations, ${disturbed} of them ${what.slice(5)}, ${different} streams different`,
    )
    expect(disturbed).toBeGreaterThan(observations / 10)
    expect(different).toBe(0)
  })

  it('F11: one observation of ten thousand, ten years ahead, makes nothing late', () => {
    const random = new Random(SEED)
    const stream = Array.from({ length: 10_000 }, (_, i) => at(1.7e9 + i, i))
    let [late, wrong] = [0, 0]
    for (let run = 0; run < PLACES; run++) {
      const where = 1 + Math.floor(random.uniform() * 9999)
      const bad = at(1.7e9 + where + 10 * 365 * 86_400, 0)
      const refused: Observation[] = []
      const operators = [quarantine({ refused: one => refused.push(one) }), reorder({ late: () => late++ })] as const
      const { values } = collect(from(stream.toSpliced(where, 0, bad)).pipe(...operators))
      if (values.length !== 10_000 || refused.length !== 1 || refused[0] !== bad) wrong++
    }
    console.log(
      `seed ${SEED}: ${PLACES} places in 10 000 observations, ${late} late, ${PLACES - wrong} times only it was put aside`,
    )
    expect([late, wrong]).toEqual([0, 0])
  })

  it('F10, F14: no order of arrival sends the solver back in time', () => {
    const taken = learnInAnyOrder(ORDERS, SEED)
    console.log(
      `seed ${SEED}: ${ORDERS} orders with corrections, retractions and clock resets, ${taken} learned, 0 negative gaps`,
    )
    expect(taken).toBeGreaterThan(ORDERS)
  })

  it.each([
    ['kalman', {}],
    ['adam', { optimizer: { kind: 'adam' } }],
    ['no update map', { model: { update: 'none' } }],
  ] as const)('F16: gaps of sixteen decades cost bounded work: %s', (name, options) => {
    // Compiled.
    crossGaps(options, SEED)
    const all = Array.from({ length: GAPS }, (_, n) => crossGaps(options, SEED + n)).flat()
    const most = (of: 'evaluations' | 'milliseconds') => Math.max(...all.map(one => one[of]))
    console.log(
      `seed ${SEED}, ${name}: ${all.length} gaps of 1e${DECADES[0]} to 1e${DECADES.at(-1)} s, at most ${most('evaluations')} evaluations and ${most('milliseconds').toFixed(1)} ms for one`,
    )
    expect(all.filter(({ finite }) => !finite)).toEqual([])
    expect(most('evaluations')).toBeLessThanOrEqual(2000)
    expect(most('milliseconds')).toBeLessThanOrEqual(50)
  })
})
