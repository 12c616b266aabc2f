import { describe, expect, it } from 'vitest'
import { NUMERICS } from './support/numerics.js'
import { titlesById } from './support/titles.js'

const titled = titlesById(/\b([NRM]\d{1,2})\b/g)
const ids = Object.keys(NUMERICS)

describe('the plan of numerical tests', () => {
  it('knows every id that a title names', () => {
    expect([...titled.keys()].filter(id => !ids.includes(id))).toEqual([])
  })

  it('has a test for every id', () => {
    expect(ids.filter(id => !titled.has(id))).toEqual([])
  })

  it('has a property for every law: random cases, not examples alone', () => {
    const laws = ids.filter(id => id.startsWith('M'))
    expect(laws.filter(id => !titled.get(id)?.some(({ code }) => code.includes('fc.assert(')))).toEqual([])
  })
})
