import { expect, it } from 'vitest'
import type { Observation } from '../src/observation.js'
import { restoreObservation, saveObservation } from '../src/saved-observation.js'
import { Section } from '../src/section.js'

const observation: Observation = {
  key: 'a',
  t: 1.5,
  y: Float64Array.of(1, Number.NaN),
  id: 'x',
  sequence: 7,
  revision: 'correct',
  arrival: 'late',
  learn: false,
}

it('F53: an observation is stored in one order of its fields, and comes back with all of them', () => {
  const reversed = Object.fromEntries(Object.entries(observation).reverse()) as unknown as Observation
  expect(Object.keys(saveObservation(reversed) as object)).toEqual(Object.keys(saveObservation(observation) as object))
  expect(restoreObservation(new Section(saveObservation(reversed)))).toEqual(observation)
  const { key, t, y } = observation
  expect(saveObservation({ y, t, key })).toEqual({ key, t, y })
})
