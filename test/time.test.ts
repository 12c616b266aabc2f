import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { likelyUnit, parseIso, parseTime, toSeconds } from '../src/time.js'

describe('toSeconds', () => {
  it.each([
    ['s', 1423666080.5, 1423666080.5],
    ['ms', 1423666080500, 1423666080.5],
    ['us', 1423666080500000, 1423666080.5],
    ['ns', 1500000000, 1.5],
  ] as const)('reads %s', (unit, value, seconds) => expect(toSeconds(value, unit)).toBe(seconds))

  it('gives the double nearest to whole milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -4e12, max: 4e12 }), ms => {
        // The parser of decimal literals rounds correctly, so it knows the nearest double.
        expect(toSeconds(ms, 'ms') + 0).toBe(Number(`${ms}e-3`) + 0)
      }),
    )
  })
})

describe('parseIso', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2015-02-11T14:48:00Z', 1423666080],
    ['2015-02-11T14:48:00.5Z', 1423666080.5],
    ['2015-02-11 14:48:00Z', 1423666080],
    ['2015-02-11T14:48Z', 1423666080],
    ['2015-02-11T15:48:00+01:00', 1423666080],
    ['2015-02-11T15:48:00+0100', 1423666080],
    ['2015-02-11T09:18:00-05:30', 1423666080],
    ['2015-02-11T14:48:00.123456Z', 1423666080.123456],
    ['1969-12-31T23:59:59.25Z', -0.75],
    ['2024-02-29T00:00:00Z', 1709164800],
  ])('reads %s', (text, seconds) => expect(parseIso(text)).toBe(seconds))

  it.each([
    '',
    'yesterday',
    '1423666080',
    '2015-02-11',
    '2015-02-11T14:48:00',
    '2015-13-01T00:00:00Z',
    '2015-02-11T25:00:00Z',
    '2015-02-11T14:61:00Z',
    '2015-02-11T14:48:00Zulu',
    ' 2015-02-11T14:48:00Z',
    '2015-02-11T14:48:00.Z',
  ])('refuses "%s"', text => expect(parseIso(text)).toBeUndefined())

  it.each(['2015-02-30T00:00:00Z', '2023-02-29T00:00:00Z', '2015-04-31T00:00:00Z'])(
    'refuses %s, a day that does not exist',
    text => expect(parseIso(text)).toBeUndefined(),
  )

  it('is the inverse of Date.toISOString, to the millisecond', () => {
    const dates = fc.date({ min: new Date(0), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true })
    fc.assert(
      fc.property(dates, date => {
        // Half a microsecond: seconds and fraction are added in a double of that resolution.
        expect(Math.abs(parseIso(date.toISOString())! - date.getTime() / 1000)).toBeLessThan(5e-7)
      }),
    )
  })
})

describe('parseTime', () => {
  it.each([
    ['1764000000123456789', 'ns', 1764000000.1234567],
    ['1764000000123456', 'us', 1764000000.123456],
    ['-1764000000123456789', 'ns', -1764000000.1234567],
    ['12.5', 's', 12.5],
    ['2015-02-11T14:48:00.25Z', 'ms', 1423666080.25],
  ] as const)('F12: reads %s as %s', (text, unit, seconds) => expect(parseTime(text, unit)).toBe(seconds))

  it.each(['', '1e9', '0x10', '1_000', ' 1', 'NaN', '1764000000123456789012345'])('refuses %j', text =>
    expect(parseTime(text, 'ns')).toBeUndefined(),
  )
})

describe('likelyUnit', () => {
  it('F12: knows no number as a time of our days in two units, and small ones in none', () => {
    for (let exponent = -3; exponent < 22; exponent += 0.01) {
      const units = (['s', 'ms', 'us', 'ns'] as const).filter(unit => {
        const seconds = toSeconds(10 ** exponent, unit)
        return seconds >= 1e9 && seconds < 4e9
      })
      expect(units.length).toBeLessThanOrEqual(1)
      expect(likelyUnit(10 ** exponent)).toBe(units[0])
    }
    expect(likelyUnit(0)).toBeUndefined()
    expect(likelyUnit(86400 * 365)).toBeUndefined()
  })
})
