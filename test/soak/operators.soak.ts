import { getEventListeners } from 'node:events'
import { type OperatorFunction, pipe, Subject, takeUntil } from 'rxjs'
import { expect, it } from 'vitest'
import { Learner } from '../../src/learn/learner.js'
import type { Observation } from '../../src/observation.js'
import { checkpoint } from '../../src/operators/checkpoint.js'
import { deduplicate } from '../../src/operators/deduplicate.js'
import { forecast } from '../../src/operators/forecast.js'
import { learn } from '../../src/operators/learn.js'
import { perKey } from '../../src/operators/per-key.js'
import { prequential } from '../../src/operators/prequential.js'
import { quarantine } from '../../src/operators/quarantine.js'
import { reorder } from '../../src/operators/reorder.js'
import { aborted } from '../../streams/aborted.js'
import { growthOf, settledHeap } from '../support/heap.js'

const ROUNDS = Number(process.env.ROUNDS ?? 50)
const EVENTS = Number(process.env.EVENTS ?? 100_000)
/** What a learner does with an observation takes fifty times as long as to bring it to one. */
const LEARNED = Number(process.env.LEARNED ?? EVENTS / 50)
const OPTIONS = { warmup: 5, window: 4, model: { augment: 0, dynamics: { hidden: [4] } } } as const

const eventTime = () =>
  pipe(
    checkpoint<Observation>({ save: () => {} }, { every: 100 }),
    perKey<Observation, Observation>(() => pipe(quarantine(), deduplicate(), reorder({ allowedLateness: 3 }))),
  )
const learning = () => {
  const learner = new Learner(OPTIONS)
  return pipe(learn(learner), forecast(learner, { every: 10, horizon: 2 }))
}
const scoring = () => pipe(learn(new Learner(OPTIONS)), prequential())
const cases: readonly (readonly [string, () => OperatorFunction<Observation, unknown>, number])[] = [
  ['event time of a hundred keys', eventTime, EVENTS],
  ['learning and forecasts', learning, LEARNED],
  ['learning and scores', scoring, LEARNED],
]

/** A subscription that has lived and was left; what it was made of is told to the registry. */
function round(
  create: () => OperatorFunction<Observation, unknown>,
  events: number,
  signal: AbortSignal,
  registry: FinalizationRegistry<string>,
): number {
  const source = new Subject<Observation>()
  const operator = create()
  let values = 0
  const observer = { next: () => values++ }
  const subscription = source.pipe(takeUntil(aborted(signal)), operator).subscribe(observer)
  for (const [name, part] of Object.entries({ source, operator, observer, subscription })) registry.register(part, name)
  for (let n = 0; n < events; n++)
    source.next({ key: `${events === EVENTS ? n % 100 : 0}`, t: n, y: Float64Array.of(Math.sin(n)) })
  subscription.unsubscribe()
  expect(source.observed).toBe(false)
  return values
}

it.each(cases)('X9, X16: %s leave nothing behind when they are left', async (name, create, events) => {
  const { signal } = new AbortController()
  const collected = new Map<string, number>()
  const registry = new FinalizationRegistry<string>(part => collected.set(part, (collected.get(part) ?? 0) + 1))
  const resources = process.getActiveResourcesInfo().length
  const heap: number[] = []
  let values = 0
  for (let n = 0; n < ROUNDS; n++) {
    values += round(create, events, signal, registry)
    heap.push(await settledHeap())
    expect(getEventListeners(signal, 'abort')).toEqual([])
  }
  const growth = growthOf(heap)
  const parts = Object.fromEntries([...collected].sort())
  console.log(
    `${name}: ${ROUNDS} × ${events} events, ${values} values, heap ${(growth / 1024).toFixed(0)} KiB more, collected ${JSON.stringify(parts)}`,
  )
  expect(values).toBeGreaterThan(0)
  expect(growth).toBeLessThan(256 * 1024)
  for (const part of ['source', 'operator', 'observer', 'subscription'])
    expect(collected.get(part), part).toBeGreaterThanOrEqual(ROUNDS - 1)
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(resources)
})
