import { describe, expect, it } from 'vitest'
import { FAULTS, PITFALLS, testsById } from './support/faults.js'

describe.each([
  ['faults', FAULTS, testsById('F')],
  ['pitfalls of RxJS', PITFALLS, testsById('X')],
] as const)('the list of %s', (_name, list, tests) => {
  it('knows every id that a test title names', () => {
    expect([...tests.keys()].filter(id => !(id in list))).toEqual([])
  })

  it('has a test for every one, by its id in a title', () => {
    expect(Object.entries(list).filter(([id]) => !tests.has(id))).toEqual([])
  })
})
