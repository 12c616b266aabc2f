import { describe, expect, it } from 'vitest'
import { FAULTS, testsById } from './support/faults.js'

const tests = testsById('F')

describe('the list of faults', () => {
  it('knows every id that a test title names', () => {
    expect([...tests.keys()].filter(id => !(id in FAULTS))).toEqual([])
  })

  it('has a test for every fault, by its id in a title', () => {
    expect(Object.entries(FAULTS).filter(([id]) => !tests.has(id))).toEqual([])
  })
})
