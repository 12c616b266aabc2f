import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/observation.js'
import { Duplicates } from '../../src/operators/duplicates.js'
import { EventOrder } from '../../src/operators/event-order.js'
import { FarFuture } from '../../src/operators/far-future.js'
import { UnitDoubt } from '../../src/operators/unit-doubt.js'
import { Random } from '../../src/random.js'
import type { Storable } from '../../src/storable.js'
import { at } from '../support/observations.js'
import { restored } from '../support/restored.js'

interface Part extends Storable {
  readonly take: (observation: Observation) => unknown
}

class Memory extends Duplicates implements Part {
  take = (observation: Observation) => this.seen(observation)
}

const parts: [string, () => Part][] = [
  ['EventOrder', () => new EventOrder({ allowedLateness: 5, clockReset: 3 })],
  ['Duplicates', () => new Memory(16)],
  ['FarFuture', () => new FarFuture(20)],
  ['UnitDoubt', () => new UnitDoubt()],
]

/** In no order, with duplicates, leaps, other units, corrections and retractions. */
function turbulent(count: number): Observation[] {
  const random = new Random(15)
  let t = 0
  return Array.from({ length: count }, (_, i) => {
    t += random.uniform() < 0.05 ? 300 * random.normal() : random.uniform()
    const scale = random.uniform() < 0.1 ? 1000 : 1
    const observation = {
      ...at(scale * Math.round(t - 6 * random.uniform()), Math.round(random.uniform())),
      id: `${i % 12}`,
    }
    const revises = random.uniform() < 0.1
    return revises ? { ...observation, revision: random.uniform() < 0.5 ? 'correct' : 'retract' } : observation
  })
}

it.each(parts)('M15: %s goes on from any observation as if it had never stopped', (_, create) => {
  const stream = turbulent(300)
  const whole = create()
  const expected = stream.map(observation => whole.take(observation))
  expect(new Set(expected.map(given => JSON.stringify(given))).size).toBeGreaterThan(1)
  for (let stop = 0; stop < stream.length; stop += 7) {
    const first = create()
    for (const observation of stream.slice(0, stop)) first.take(observation)
    const second = restored(first, create)
    expect(stream.slice(stop).map(observation => second.take(observation))).toEqual(expected.slice(stop))
  }
})

describe('what is held', () => {
  it('is restored with its id, number and revision', () => {
    const order = new EventOrder({ allowedLateness: 5 })
    const observation = { ...at(1, 2), id: 'a', sequence: 7 }
    order.take(observation)
    expect(restored(order, () => new EventOrder()).flush()).toEqual([observation])
  })
})
