import { describe, expect, it } from 'vitest'
import { CsvDecoder, type CsvOptions } from '../../../src/config/decoders/csv-decoder.js'
import { csvCells } from '../../../src/config/decoders/csv-row.js'
import type { Decoded } from '../../../src/config/decoders/decoder.js'
import type { DecoderOptions } from '../../../src/config/decoders/observation-message.js'
import { toNullable } from '../../../src/observation.js'

function read(rows: readonly string[], options: CsvOptions = {}, decoding: DecoderOptions = {}) {
  const decoder = new CsvDecoder(options, decoding)
  const values = rows.flatMap((row, i) =>
    decoder.read(row, { place: () => `log:${i + 1}`, ...(i === 0 && { first: true }) }),
  )
  return { values, outlines: values.map(outline), decoder }
}

function outline(value: Decoded) {
  return 'code' in value ? value.code : [value.key, value.t, toNullable(value.y)]
}

describe('csvCells', () => {
  it.each([
    ['a,b,c', ['a', 'b', 'c']],
    ['', ['']],
    [',', ['', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"a ""b"" c",""', ['a "b" c', '']],
    ['"one\r\ntwo",x', ['one\r\ntwo', 'x']],
    ['""""', ['"']],
    ['a,"b"', ['a', 'b']],
    ['"",""', ['', '']],
  ])('reads %j', (row, cells) => {
    expect(csvCells(row, ',')).toEqual(cells)
  })

  it.each(['"a', 'a"b', '"a"b,c', 'a,"', '"a""'])('refuses %j', row => {
    expect(() => csvCells(row, ',')).toThrow()
  })
})

describe('CsvDecoder', () => {
  it('reads rows by the names in the header: time, key, and channels in the order of the file', () => {
    const rows = ['key,time,temp,co2', 'a,1.5,20,400', 'b,2026-11-23T01:20:19.5Z,,"401"', 'a,2,NaN,4e2']
    const { outlines, decoder } = read(rows)
    expect(outlines).toEqual([
      ['a', 1.5, [20, 400]],
      ['b', Date.parse('2026-11-23T01:20:19.5Z') / 1000, [null, 401]],
      ['a', 2, [null, 400]],
    ])
    expect(decoder.channels).toEqual(['temp', 'co2'])
    expect(decoder.ignored).toBe(0)
  })

  it('F22: takes columns by name, in any order, and passes over those that are no channels', () => {
    const { outlines } = read(['co2,x,temp,t', '400,9,20,1'], {}, { channels: ['temp', 'co2'] })
    expect(outlines).toEqual([['default', 1, [20, 400]]])
  })

  it('reads semicolons, decimal commas, dates without zone, words for missing values', () => {
    const rows = ['Datum;Temperatur', '2001/01/01 06:55;1,5', '01;2', '2001/01/01 07:00;-', '2001/01/01 07:05;1.5']
    const { outlines } = read(rows, { decimal: ',', time: 'Datum', zone: '+01:00', missing: ['-'] })
    const at = Date.parse('2001-01-01T05:55Z') / 1000
    expect(outlines).toEqual([
      ['default', at, [1.5]],
      ['default', 1, [2]],
      ['default', at + 300, [null]],
      'OBSERVATION_INVALID',
    ])
  })

  it.each([
    ['tab', 't\ta\tb', '1\t2\t3'],
    ['bar', 't|a|b', '1|2|3'],
    ['comma', 't,a,b', '1,2,3'],
  ])('finds the separator in the header: %s', (_what, header, row) => {
    expect(read([header, row]).outlines).toEqual([['default', 1, [2, 3]]])
  })

  it('reads a file without header, and numbers in another unit', () => {
    const { outlines } = read(['1700000000500,7'], { columns: ['when', 'x'], time: 'when' }, { timeUnit: 'ms' })
    expect(outlines).toEqual([['default', 1_700_000_000.5, [7]]])
  })

  it('takes the header of every file for itself', () => {
    const decoder = new CsvDecoder({}, { channels: ['a', 'b'] })
    const origin = (first: boolean) => ({ place: () => 'x', first })
    decoder.read('t,a,b', origin(true))
    decoder.read('1,2,3', origin(false))
    decoder.read('b,a,t', origin(true))
    expect(decoder.read('1,2,3', origin(false)).map(outline)).toEqual([['default', 3, [2, 1]]])
  })

  it.each([
    ['too few cells', ['t,a', '1'], 'log:2: received 1 cells; expected 2 cells, as in the header'],
    ['too many cells', ['t,a', '1,2,3'], 'received 3 cells'],
    ['a quote that is not closed', ['t,a', '1,"2'], 'expected a closing quote'],
    ['a text', ['t,a', '1,warm'], 'column a: received "warm"; expected a number, or an empty cell'],
    ['infinity', ['t,a', '1,1e999'], 'column a: received "1e999"'],
    ['a decimal comma', ['t;a', '1;0,5'], 'source: { csv: { decimal: "," } }'],
    ['a word', ['t,a', '1,red'], 'list the channels'],
    ['a hexadecimal number', ['t,a', '1,0x10'], 'column a: received "0x10"'],
    ['no time', ['t,a', ',1'], 'time: received ""'],
    ['a date without zone', ['t,a', '2001-01-01 10:00,1'], 'the zone of dates that have none (source.csv.zone)'],
    ['a time in another unit', ['t,a', '1700000000000,1'], 'milliseconds since 1970'],
  ])('makes a dead letter of a row with %s', (_what, rows, says) => {
    const { values } = read(rows)
    expect(values).toHaveLength(1)
    expect(values[0]).toMatchObject({ message: expect.stringContaining(says) })
  })

  it.each([
    [
      'a column that is missing',
      't,temp,c02',
      { channels: ['temp', 'co2'] },
      'header: received the columns t, temp, c02; expected a column "co2" (is it "c02"?)',
    ],
    ['two columns of one name', 't,a,a', {}, 'two columns called "a"'],
    [
      'numbers',
      '0,1.5,-2',
      {},
      'header: received numbers and times alone; expected names of columns. Say source: { csv: { columns',
    ],
    ['a time and numbers', '2026-01-01T00:00:00Z,1.5,2', {}, 'header: received numbers and times alone'],
  ])('learns from no row of a file whose header has %s, and says so for each', (_what, header, decoding, says) => {
    const { values } = read([header, '1,2,3', '2,3,4'], {}, decoding)
    expect(values).toHaveLength(3)
    for (const value of values)
      expect(value).toMatchObject({ code: 'OBSERVATION_NOT_CSV', message: expect.stringContaining(says) })
  })
})
