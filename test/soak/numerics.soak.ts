import { expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import type { LearnerOptions } from '../../src/learn/learner-options.js'
import { ADJOINT_NAMES } from '../../src/names.js'
import { systems } from '../../streams/simulate/systems.js'
import { closeObservations } from '../support/close-observations.js'
import { isWritable, lateErrors, run, simulated } from '../support/streams.js'

const COUNT = Number(process.env.COUNT ?? 10_000)
const SEED = Number(process.env.SEED ?? 64)

it(`F64: ${COUNT} windows of observations one unit in the last place to a billionth apart, for each adjoint`, () => {
  for (const adjoint of ADJOINT_NAMES) {
    const worst = closeObservations(adjoint, COUNT, SEED)
    expect(worst).toBeLessThanOrEqual(1e-8)
    console.log(
      `F64: seed ${SEED}, ${adjoint}: ${COUNT} windows, largest relative error of a gradient ${worst.toExponential(1)}`,
    )
  }
})

/** Of each system. */
const STREAMS = Number(process.env.STREAMS ?? 10)
const kinds = ['kalman', 'adam', 'sgd'] as const
const streams = Object.keys(systems).flatMap(system =>
  Array.from(
    { length: STREAMS },
    (_, n) => ({ system, seed: SEED + n }) as { system: keyof typeof systems; seed: number },
  ),
)

it(`F61: a single outlier of a million deviations in each of ${streams.length} streams`, () => {
  for (const kind of kinds) {
    const options: LearnerOptions = { optimizer: { kind } }
    const ratios = streams.map(({ system, seed }) => {
      const stream = simulated({ system, seed, count: 400, noise: 0.05 })
      const error = (size: number) => {
        const shown = stream.map((o, i) => (i === 250 ? { ...o, y: o.y.map(value => value + size) } : o))
        const estimates = run(new Learner(options), shown)
        expect(estimates.every(isWritable)).toBe(true)
        return lateErrors(
          estimates.filter((_, i) => i !== 250),
          99,
        ).model
      }
      return error(1e6) / error(0)
    })
    const sorted = ratios.toSorted((a, b) => a - b)
    const median = sorted[sorted.length >> 1]!
    console.log(
      `F61: seed ${SEED}, ${kind}: error fifty observations later over that without, median ${median.toFixed(3)}, most ${sorted.at(-1)!.toFixed(3)}`,
    )
    expect(median).toBeLessThan(1.1)
    expect(sorted.at(-1)).toBeLessThan(2)
  }
})

it(`F62: rates a million times too large on ${streams.length} streams`, () => {
  const wild = [
    { kind: 'adam', rate: 1e3 },
    { kind: 'sgd', rate: 1e5 },
    { kind: 'sgd', rate: 1e308 },
  ] as const
  let frozen = 0
  for (const optimizer of wild)
    for (const { system, seed } of streams) {
      const estimates = run(new Learner({ optimizer }), simulated({ system, seed, count: 200, noise: 0.05 }))
      const guards = estimates.flatMap(({ update }) => update.guard ?? [])
      expect(estimates.every(isWritable)).toBe(true)
      expect(estimates.slice(1).every(({ predicted }) => predicted.every(Number.isFinite))).toBe(true)
      expect(guards.filter(guard => guard === 'rolled-back').length).toBeLessThanOrEqual(2)
      if (guards.at(-1) === 'frozen') frozen++
    }
  console.log(`F62: seed ${SEED}, ${wild.length * streams.length} learners: all finite, ${frozen} frozen`)
  expect(frozen).toBe(wild.length * streams.length)
})
