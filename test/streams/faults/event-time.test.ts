import { from } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../src/observation.js'
import { reorder } from '../../../src/operators/reorder.js'
import { Random } from '../../../src/random.js'
import { displacedStreams, duplicatedStreams } from '../../support/disturbed-streams.js'
import { at, MISSING } from '../../support/observations.js'
import { collect } from '../../support/operator-contract.js'
import { runToFile, SMALL, writeLog } from '../../support/pipelines.js'
import { SEED } from '../../support/seed.js'
import { temporaryDirectory } from '../../support/temporary.js'

const message = (t: number, i: number) => JSON.stringify({ t, y: [Math.sin(i / 7), Math.cos(i / 5)] })
const learn = { ...SMALL.learn, optimizer: { kind: 'adam' } } as const

describe('F08: a hundred of ten thousand that are too late', () => {
  it('are put aside, exactly these, and nothing else of the run is another', async () => {
    const random = new Random(8)
    const times = Array.from({ length: 9900 }, (_, i) => message(i, i))
    const lines = [...times]
    for (let n = 0; n < 100; n++) {
      // Behind the newest of its place by more than the lateness.
      const place = 200 + Math.floor(random.uniform() * 9700)
      lines.splice(place, 0, message(place - 150 + 0.5, n))
    }
    const config = { learn: { ...learn, allowedLateness: 5, late: 'drop' } } as const
    const run = (texts: readonly string[]) => runToFile({ ...config, source: { kind: 'log', path: writeLog(texts) } })
    const [with100, without] = [await run(lines), await run(times)]
    expect(with100.progress.accounting).toMatchObject({ received: 10_000, late: 100, learned: 9900 })
    expect(with100.output).toBe(without.output)
  })
})

describe('F10: a clock that is set back by an hour after five thousand observations', () => {
  it('begins one new time, and a replay of the recording is the run', async () => {
    const lines = Array.from({ length: 6000 }, (_, i) => message(i < 5000 ? 3600 + i : i, i))
    const directory = `${temporaryDirectory()}/recording`
    const live = await runToFile({
      learn: { ...learn, late: 'drop', clockReset: 10 },
      source: { kind: 'log', path: writeLog(lines) },
      record: { directory },
    })
    // Ten in a row are late; with the next one the new time begins, once.
    expect(live.progress.accounting).toMatchObject({ received: 6000, late: 10, learned: 5990 })
    const { estimates } = live
    const backward = estimates.filter(({ t }, i) => i > 0 && t < estimates[i - 1]!.t)
    expect(backward.map(({ t }) => t)).toEqual([5010])
    const again = await runToFile({
      learn: { ...learn, late: 'drop', clockReset: 10 },
      source: { kind: 'log', path: directory },
    })
    expect(again.output).toBe(live.output)
  })
})

/** All orders of a list. */
function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield []
  for (let i = 0; i < items.length; i++)
    for (const rest of permutations(items.toSpliced(i, 1))) yield [items[i]!, ...rest]
}

describe('F15: up to six observations at one time', () => {
  const group: readonly Observation[] = [
    at(1, 2, 5),
    at(1, MISSING, 1),
    at(1, 2, MISSING),
    at(1, -3, 0),
    at(1, 0, 0),
    at(1, 7, 7),
  ]

  it('come out the same in each of their 873 orders', () => {
    let orders = 0
    for (let count = 1; count <= group.length; count++) {
      const some = group.slice(0, count)
      const first = JSON.stringify(
        collect(from(some).pipe(reorder({ allowedLateness: 1 }))).values.map(({ y }) => [...y]),
      )
      for (const order of permutations(some)) {
        const { values } = collect(from(order).pipe(reorder({ allowedLateness: 1 })))
        expect(JSON.stringify(values.map(({ y }) => [...y]))).toBe(first)
        orders++
      }
    }
    expect(orders).toBe(873)
  })
})

describe('a stream that was disturbed on its way', () => {
  it.each([
    ['F06: repeated with a probability of 0.3', duplicatedStreams],
    ['F07: displaced within the lateness', displacedStreams],
  ])('%s: gives the same parameters, moments and estimates', (_what, disturb) => {
    const { observations, disturbed, different } = disturb(40, SEED)
    expect(disturbed).toBeGreaterThan(observations / 10)
    expect(different).toBe(0)
  })
})

describe('F17: a feed in milliseconds since 1970', () => {
  it('gives what the same feed gives from time 0 on, to the bit', async () => {
    // Eighths of a second are whole milliseconds, and whole in the seconds of the learner as well.
    const of = (start: number) =>
      Array.from({ length: 300 }, (_, i) =>
        JSON.stringify({ t: start + 125 * i, y: [Math.sin(i / 7), Math.cos(i / 5)] }),
      )
    const outputs = []
    for (const start of [0, 1_764_000_000_000]) {
      const source = { kind: 'log', path: writeLog(of(start)), timeUnit: 'ms', timeCheck: false } as const
      const { estimates } = await runToFile({ source })
      outputs.push(estimates.map(estimate => JSON.stringify({ ...estimate, t: estimate.t - start / 1000 })))
    }
    expect(outputs[0]).toHaveLength(300)
    expect(outputs[1]).toEqual(outputs[0])
  })
})
