import { describe, expect, it } from 'vitest'
import { table } from '../../../streams/terminal/table.js'

describe('table', () => {
  it('aligns labels to the left and numbers to the right, without blanks at the end', () => {
    const rows = [
      ['key', 'channel', 'RMSE'],
      ['a', 'temperature', '1'],
      ['long key', 'x', '12.345'],
    ]
    expect(table(rows, 2)).toEqual([
      'key       channel        RMSE',
      'a         temperature       1',
      'long key  x            12.345',
    ])
    expect(table(rows)).toEqual([
      'key           channel    RMSE',
      'a         temperature       1',
      'long key            x  12.345',
    ])
    expect(table([['a'], ['bb']])).toEqual(['a', 'bb'])
  })
})
