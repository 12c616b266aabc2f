import { describe, expect, it } from 'vitest'
import { nearestName } from '../src/nearest-name.js'

const KNOWN = ['source', 'channels', 'model', 'solver', 'learn', 'forecast', 'sinks', 'deadLetters', 'allowedLateness']

describe('nearestName', () => {
  it.each([
    ['sources', 'source'],
    ['Source', 'source'],
    ['chanels', 'channels'],
    ['slover', 'solver'],
    ['lern', 'learn'],
    ['deadletters', 'deadLetters'],
    ['dead_letters', 'deadLetters'],
    ['allowedlatency', 'allowedLateness'],
    ['sink', 'sinks'],
  ])('finds what %s was meant to be: %s', (written, expected) => {
    expect(nearestName(written, KNOWN)).toBe(expected)
  })

  it.each(['checkpoint', 'x', '', 'optimizer', '12345'])('finds nothing for %j', written => {
    expect(
      nearestName(
        written,
        KNOWN.filter(name => name.length > 3),
      ),
    ).toBeUndefined()
  })

  it('finds nothing among no names', () => {
    expect(nearestName('source', [])).toBeUndefined()
  })
})
