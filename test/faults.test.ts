import { describe, expect, it } from 'vitest'
import { FAULTS, testsByFault } from './support/faults.js'

const tests = testsByFault()

describe('the list of faults', () => {
  it('knows every id that a test title names', () => {
    const unknown = [...tests].filter(([id]) => !(id in FAULTS))
    expect(unknown).toEqual([])
  })

  it('has a test for every fault, or says which are without one', () => {
    const missing = Object.entries(FAULTS).filter(([id]) => !tests.has(id))
    if (missing.length > 0)
      console.warn(`Faults without a test:\n${missing.map(([id, name]) => `  ${id} ${name}`).join('\n')}`)
    expect(tests.size).toBeGreaterThan(0)
  })
})
