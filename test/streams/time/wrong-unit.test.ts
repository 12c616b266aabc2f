import { expect, it } from 'vitest'
import { wrongUnit } from '../../../streams/time/wrong-unit.js'

it.each([true, false])('F46: says that another unit of time takes another state, where there is one: %s', has => {
  const first = wrongUnit(1.7e12, { power: 1, last: undefined }, 's', has)
  const later = wrongUnit(1.7e12, { power: 1, last: 1.7e9 }, 's', has)
  expect(first.remedy).toContain('Say source: { timeUnit: ms } in the pipeline file')
  for (const { remedy } of [first, later]) expect(remedy?.includes('start it with --fresh')).toBe(has)
})
