import { describe, expect, it } from 'vitest'
import {
  DEFAULT_KEY,
  type DecoderOptions,
  ObservationDecoder,
} from '../../../src/config/decoders/observation-message.js'
import { MISSING } from '../../support/observations.js'

const CHANNELS = ['temperature', 'humidity', 'co2']
const decode = (text: string, options: DecoderOptions = { channels: CHANNELS }) =>
  new ObservationDecoder(options).decode(text, () => 'log:7')
const y = (...values: number[]) => Float64Array.from(values)

describe('ObservationDecoder', () => {
  it.each([
    [
      'the example of the design',
      '{"key":"room-1","t":1423666080.5,"y":[21.7,null,437]}',
      'room-1',
      1423666080.5,
      [21.7, MISSING, 437],
    ],
    ['no key', '{"t":1,"y":[1,2,3]}', DEFAULT_KEY, 1, [1, 2, 3]],
    ['white space', ' \t{ "t" : 1 , "y" : [ 1 , 2 , 3 ] } \r', DEFAULT_KEY, 1, [1, 2, 3]],
    ['nothing measured', '{"t":1,"y":[null,null,null]}', DEFAULT_KEY, 1, [MISSING, MISSING, MISSING]],
    ['values by name', '{"t":1,"values":{"co2":437,"temperature":21.7}}', DEFAULT_KEY, 1, [21.7, MISSING, 437]],
    ['a null by name', '{"t":1,"values":{"co2":null}}', DEFAULT_KEY, 1, [MISSING, MISSING, MISSING]],
    ['no values by name', '{"t":1,"values":{}}', DEFAULT_KEY, 1, [MISSING, MISSING, MISSING]],
    ['an ISO time', '{"t":"2015-02-11T14:48:00Z","y":[1,2,3]}', DEFAULT_KEY, 1423666080, [1, 2, 3]],
    [
      'an ISO time with microseconds',
      '{"t":"2015-02-11T15:48:00.123456+01:00","y":[1,2,3]}',
      DEFAULT_KEY,
      1423666080.123456,
      [1, 2, 3],
    ],
    ['a time before 1970', '{"t":-1.5,"y":[1,2,3]}', DEFAULT_KEY, -1.5, [1, 2, 3]],
    ['large and small values', '{"t":0,"y":[1e308,-5e-324,0]}', DEFAULT_KEY, 0, [1e308, -5e-324, 0]],
    ['a strange key', '{"key":"__proto__","t":0,"y":[1,2,3]}', '__proto__', 0, [1, 2, 3]],
  ])('reads %s', (_what, text, key, t, values) => {
    expect(decode(text)).toEqual({ key, t, y: y(...values) })
  })

  it('turns -0 into 0, which JSON cannot carry to the outside', () => {
    expect(decode('{"t":0,"y":[-0,-0.0,-0e5]}')).toEqual({ key: DEFAULT_KEY, t: 0, y: y(0, 0, 0) })
    expect(decode('{"t":0,"values":{"co2":-0}}')).toMatchObject({ y: y(MISSING, MISSING, 0) })
  })

  it.each([
    ['s', 1423666080.25],
    ['ms', 1423666080250],
    ['us', 1423666080250000],
    ['ns', 1423666080250000000],
  ] as const)('reads numbers as times in %s', (timeUnit, t) => {
    const read = decode(`{"t":${t},"y":[1]}`, { timeUnit }) as { t: number }
    // A double holds today's nanoseconds to 256 ns, and seconds to 238 ns.
    expect(Math.abs(read.t - 1423666080.25)).toBeLessThan(timeUnit === 'ns' ? 5e-7 : 1e-9)
    expect(decode('{"t":"2015-02-11T14:48:00.25Z","y":[1]}', { timeUnit })).toMatchObject({ t: 1423666080.25 })
  })

  const units = ['s', 'ms', 'us', 'ns'] as const
  const now = { s: '1764000000.123', ms: '1764000000123', us: '1764000000123456', ns: '"1764000000123456789"' }
  it.each(units.flatMap(given => units.map(set => [given, set] as const)))(
    'F12: a time in %s where %s are set is taken or refused by name, from the first message on',
    (given, timeUnit) => {
      const decoder = new ObservationDecoder({ timeUnit })
      const [first, second] = [1, 2].map(() => decoder.decode(`{"t":${now[given]},"y":[1]}`, () => 'log:1'))
      expect(second).toEqual(first)
      if (given === timeUnit) expect((first as { t: number }).t).toBeCloseTo(1764000000.123, 2)
      else
        expect(first).toMatchObject({
          code: 'OBSERVATION_TIME_UNIT',
          message: expect.stringContaining(`source: { timeUnit: ${given} }`),
        })
    },
  )

  it.each(units)('F12: tells %s by itself where it may', unit => {
    const read = decode(`{"t":${now[unit]},"y":[1]}`, { timeUnit: 'auto' }) as { t: number }
    expect(Math.abs(read.t - 1764000000.123)).toBeLessThan(1e-3)
  })

  it('F12: doubts the unit as long as no time has come that counts from elsewhere', () => {
    const decoder = new ObservationDecoder({ timeUnit: 's' })
    const read = (t: string) => decoder.decode(`{"t":${t},"y":[1]}`, () => 'log')
    for (const t of [now.ms, now.s, now.ms]) expect('code' in read(t)).toBe(t === now.ms)
    expect(read('12.5')).toHaveProperty('t', 12.5)
    expect(read(now.ms)).toHaveProperty('t', 1764000000123)
    expect(decode(`{"t":${now.s},"y":[1]}`, { timeUnit: 'ms', timeCheck: false })).toHaveProperty('t', 1764000.000123)
  })

  it('reads id, number and revision of an observation', () => {
    expect(decode('{"t":1,"id":"a","seq":4,"y":[1,2,3]}')).toMatchObject({ id: 'a', sequence: 4 })
    expect(decode('{"t":1,"id":17,"correct":true,"y":[1,2,3]}')).toMatchObject({ id: '17', revision: 'correct' })
    expect(decode('{"t":1,"id":"a","retract":true}')).toMatchObject({ id: 'a', revision: 'retract', y: y() })
    expect(decode('{"t":1,"id":"a","retract":false,"y":[1,2,3]}')).not.toHaveProperty('revision')
  })

  const bad: [what: string, text: string, code: string, says: string][] = [
    ['nothing', '', 'NOT_JSON', 'log:7: received '],
    ['a text', 'hello', 'NOT_JSON', 'log:7: received hello'],
    ['a retraction of nothing', '{"t":1,"retract":true}', 'INVALID', 'received no id'],
    ['a correction of nothing', '{"t":1,"correct":true,"y":[1,2,3]}', 'INVALID', 'received no id'],
    [
      'a revision two ways',
      '{"t":1,"id":"a","correct":true,"retract":true,"y":[1,2,3]}',
      'INVALID',
      'one of "correct"',
    ],
    ['half an object', '{"t":1,"y":[1,2', 'NOT_JSON', '{"t":1,"y":[1,2'],
    ['two objects', '{"t":1,"y":[1,2,3]}{"t":2,"y":[1,2,3]}', 'NOT_JSON', ''],
    ['NaN', '{"t":1,"y":[1,NaN,3]}', 'NOT_FINITE', 'null for a channel'],
    ['Infinity', '{"t":1,"y":[1,-Infinity,3]}', 'NOT_FINITE', 'finite numbers'],
    ['a number too large', '{"t":1,"y":[1,1e999,3]}', 'NOT_FINITE', 'log:7, y[1]: received Infinity'],
    ['a number too small', '{"t":1,"values":{"co2":-1e999}}', 'NOT_FINITE', 'values.co2: received -Infinity'],
    ['a time too large', '{"t":1e999,"y":[1,2,3]}', 'NOT_FINITE', 'log:7, t: received Infinity'],
    [
      'a list',
      '[1,2,3]',
      'INVALID',
      'received [1,2,3]; expected one JSON object a message, not a list of them. Write each on a line',
    ],
    ['null', 'null', 'INVALID', 'message: received null'],
    ['a number', '3', 'INVALID', 'message: received 3'],
    ['no time', '{"y":[1,2,3]}', 'INVALID', 't: received nothing'],
    ['no values', '{"t":1}', 'INVALID', 'y: received nothing; expected array'],
    ['both forms', '{"t":1,"y":[1,2,3],"values":{}}', 'INVALID', 'the unknown field "y"'],
    ['an extra field', '{"t":1,"y":[1,2,3],"quality":1}', 'INVALID', 'received the unknown field "quality"'],
    ['a misspelt field', '{"t":1,"ys":[1,2,3]}', 'INVALID', ''],
    ['an endless name', `{"t":1,"y":[1,2,3],"${'q'.repeat(1e5)}":1}`, 'INVALID', 'the unknown field "qqq'],
    [
      '__proto__ as field',
      '{"t":1,"y":[1,2,3],"__proto__":{"polluted":1}}',
      'INVALID',
      'the unknown field "__proto__"',
    ],
    ['a number as text', '{"t":1,"y":[1,"2",3]}', 'INVALID', 'y[1]: received "2"; expected number'],
    ['a number as text by name', '{"t":1,"values":{"co2":"437"}}', 'INVALID', 'values.co2: received "437"'],
    ['a truth value', '{"t":1,"y":[1,true,3]}', 'INVALID', 'y[1]: received true'],
    ['a number for all values', '{"t":1,"y":1}', 'INVALID', 'y: received 1; expected array'],
    ['a list as values', '{"t":1,"values":[1,2,3]}', 'INVALID', 'values: received [1,2,3]; expected record'],
    ['an empty list', '{"t":1,"y":[]}', 'INVALID', 'y: received []'],
    ['a time in words', '{"t":"now","y":[1,2,3]}', 'INVALID', 'received t: "now"; expected a number, or an ISO 8601'],
    ['a date without zone', '{"t":"2015-02-11T14:48:00","y":[1,2,3]}', 'INVALID', 'zone'],
    ['null as time', '{"t":null,"y":[1,2,3]}', 'INVALID', 't: received null'],
    ['an empty key', '{"key":"","t":1,"y":[1,2,3]}', 'INVALID', 'key: received ""'],
    ['a number as key', '{"key":1,"t":1,"y":[1,2,3]}', 'INVALID', 'key: received 1; expected string'],
    ['a key too long', `{"key":"${'k'.repeat(129)}","t":1,"y":[1,2,3]}`, 'INVALID', '128'],
    ['too few values', '{"t":1,"y":[1,2]}', 'CHANNELS', 'received 2 values; expected 3: temperature, humidity, co2'],
    ['too many values', '{"t":1,"y":[1,2,3,4]}', 'CHANNELS', 'received 4 values; expected 3'],
    ['far too many values', `{"t":1,"y":[${'0,'.repeat(1024)}0]}`, 'INVALID', '<=1024'],
    [
      'an unknown channel',
      '{"t":1,"values":{"co2":1,"c02":2}}',
      'CHANNELS',
      'the unknown channel "c02"; expected "co2", or another of temperature',
    ],
    ['__proto__ as channel', '{"t":1,"values":{"__proto__":1}}', 'CHANNELS', 'the unknown channel "__proto__"'],
    ['constructor as channel', '{"t":1,"values":{"constructor":1}}', 'CHANNELS', 'the unknown channel "constructor"'],
    ['S09, F26: too deep a message', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'INVALID', 'at most 16 levels'],
    [
      'S09, F26: a message of 17 levels',
      `{"t":${'['.repeat(16)}1${']'.repeat(16)},"y":[1]}`,
      'INVALID',
      'at most 16 levels',
    ],
    ['F26: a field of 16 levels', `{"t":${'['.repeat(15)}1${']'.repeat(15)},"y":[1]}`, 'INVALID', 't: received [['],
    ['a name that comes twice', '{"t":1,"y":[1,2,3],"t":2}', 'INVALID', 'the name "t" twice in one object'],
    ['a name that comes twice in disguise', '{"t":1,"y":[1,2,3],"\\u0074":2}', 'INVALID', 'the name "t" twice'],
    ['a channel that comes twice', '{"t":1,"values":{"co2":1,"co2":2}}', 'INVALID', 'the name "co2" twice'],
    ['a name that comes twice where names hold colons', '{"a:b":"{:","t":1,"t" :2}', 'INVALID', 'the name "t" twice'],
    ['F20: a number that is too large', '{"t":1,"y":[1e999,2,3]}', 'NOT_FINITE', 'y[0]: received Infinity'],
    ['F20: a number that is too small', '{"t":1,"y":[1,-1e999,3]}', 'NOT_FINITE', 'y[1]: received -Infinity'],
    ['F20: NaN as text', '{"t":1,"y":["NaN",2,3]}', 'INVALID', 'y[0]: received "NaN"'],
    ['a key that is too long', `{"key":"${'k'.repeat(129)}","t":1,"y":[1,2,3]}`, 'INVALID', 'key: received "kkk'],
    ['a byte order mark in a frame', '\uFEFF{"t":1,"y":[1,2,3]}', 'NOT_JSON', 'one JSON object'],
  ]
  it.each(bad)('makes a dead letter of %s', (_what, text, code, says) => {
    const letter = decode(text)
    expect(letter).toMatchObject({ code: `OBSERVATION_${code}`, place: 'log:7' })
    const { received, message } = letter as { received: string; message: string }
    expect(message.startsWith(`OBSERVATION_${code}: log:7`)).toBe(true)
    expect(message).toContain(says)
    expect(text.startsWith(received.slice(0, 200))).toBe(true)
    expect(received.length).toBeLessThan(250)
    expect(message.length).toBeLessThan(1000)
  })

  it('asks for the place only when something is wrong', () => {
    const decoder = new ObservationDecoder({ channels: CHANNELS })
    const place = () => {
      throw new Error('asked')
    }
    expect(decoder.decode('{"t":1,"y":[1,2,3]}', place)).toMatchObject({ t: 1 })
    expect(() => decoder.decode('{', place)).toThrow('asked')
  })
})

describe('ObservationDecoder without channels', () => {
  it('names them c0, c1, … after the first list of values and keeps their number', () => {
    const decoder = new ObservationDecoder()
    expect(decoder.channels).toBeUndefined()
    decoder.decode('{"t":1,"y":[1,2]}', () => 'x')
    expect(decoder.channels).toEqual(['c0', 'c1'])
    expect(decoder.decode('{"t":2,"values":{"c1":5}}', () => 'x')).toMatchObject({ y: y(MISSING, 5) })
    expect(decoder.decode('{"t":2,"y":[1,2,3]}', () => 'x')).toMatchObject({ code: 'OBSERVATION_CHANNELS' })
  })

  it('takes the names of the first values, in their order', () => {
    const decoder = new ObservationDecoder()
    decoder.decode('{"t":1,"values":{"b":2,"a":1}}', () => 'x')
    expect(decoder.channels).toEqual(['b', 'a'])
    expect(decoder.decode('{"t":2,"values":{"a":3}}', () => 'x')).toMatchObject({ y: y(MISSING, 3) })
    expect(decoder.decode('{"t":2,"values":{"c":3}}', () => 'x')).toMatchObject({ code: 'OBSERVATION_CHANNELS' })
  })

  it.each([
    ['nothing', '{"t":1,"values":{}}', 'CHANNELS'],
    ['__proto__ alone', '{"t":1,"values":{"__proto__":1e999}}', 'CHANNELS'],
    ['__proto__ too', '{"t":1,"values":{"a":1,"__proto__":"text"}}', 'CHANNELS'],
    ['no number', '{"t":1,"values":{"a":"1"}}', 'INVALID'],
    ['too much', `{"t":1,"values":{${Array.from({ length: 1025 }, (_, i) => `"c${i}":0`).join()}}}`, 'INVALID'],
    ['a wrong time', '{"t":"now","y":[1]}', 'INVALID'],
  ])('does not let a first message decide that names %s', (_what, text, code) => {
    const decoder = new ObservationDecoder()
    expect(decoder.decode(text, () => 'x')).toMatchObject({ code: `OBSERVATION_${code}` })
    expect(decoder.channels).toBeUndefined()
    expect(decoder.decode('{"t":1,"y":[1,2]}', () => 'x')).toMatchObject({ y: y(1, 2) })
  })
})
