import { describe, expect, it } from 'vitest'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import { ContraflowError } from '../../src/errors.js'

/** The error of a file that must not pass. */
function failure(text: string): ContraflowError {
  try {
    parsePipeline(text, 'p.yaml')
  } catch (error) {
    expect(error).toBeInstanceOf(ContraflowError)
    return error as ContraflowError
  }
  throw new Error(`This file was accepted:\n${text}`)
}

/** Its complaints, one a line. */
const complaints = (text: string) => failure(text).message.split('\n  ').slice(1)

/** DESIGN.md §5, without the checkpoint, which is not there yet. */
const EXAMPLE = `
source: { kind: log, path: room.ndjson.gz, speed: max }      # or websocket, mqtt, nats, stdin, simulate
channels: [temperature, humidity, co2]
model:   { augment: auto, dynamics: { kind: mlp, hidden: [16], activation: tanh, skip: true }, update: gain }
solver:  { method: tsit5, rtol: 1e-4, atol: 1e-6 }
learn:   { window: 16, stride: 1, optimizer: { kind: kalman }, seed: 1 }     # or { kind: adam, rate: 0.001 }
forecast: { every: 60, horizon: 3600, points: 12 }
sinks:   [{ kind: ndjson, path: "-" }, { kind: websocket, port: 8765 }]
`

describe('parsePipeline', () => {
  it('reads the example of the design', () => {
    expect(parsePipeline(EXAMPLE, 'p.yaml')).toEqual({
      source: { kind: 'log', path: 'room.ndjson.gz', speed: 'max' },
      channels: ['temperature', 'humidity', 'co2'],
      model: {
        augment: 'auto',
        dynamics: { kind: 'mlp', hidden: [16], activation: 'tanh', skip: true },
        update: 'gain',
      },
      solver: { method: 'tsit5', rtol: 1e-4, atol: 1e-6 },
      learn: { window: 16, stride: 1, optimizer: { kind: 'kalman' }, seed: 1 },
      forecast: { every: 60, horizon: 3600, points: 12 },
      sinks: [
        { kind: 'ndjson', path: '-' },
        { kind: 'websocket', port: 8765 },
      ],
    })
  })

  for (const empty of ['', '\n', '# nothing but a comment\n', '---\n', '{}', 'null'])
    it(`reads ${JSON.stringify(empty)} as a file in which everything has its default`, () => {
      expect(parsePipeline(empty, 'p.yaml')).toEqual({})
    })

  const accepted = [
    'source: { kind: websocket, url: "wss://a.example/feed?token=1", subscribe: [hello, {a: [1, null]}] }',
    'source: { kind: websocket, url: "ws://127.0.0.1:1", reconnect: false, heartbeat: 0.5, maxPayload: 1 }',
    'source: { kind: stdin, timeUnit: ns }',
    'source: { kind: simulate, system: lorenz, count: 5, seed: 0, missing: 0.5, hide: [x], speed: 10 }',
    'source: { kind: log, path: a, speed: 0.5, timeUnit: ms }',
    'model: { augment: 0, dynamics: { hidden: [] } }',
    'learn: { optimizer: { kind: adam, rate: 0.001, beta1: 0 }, loss: huber, clip: 1 }',
    'learn: { optimizer: { kind: sgd, momentum: 0.9 }, allowedLateness: 0, maxKeys: 1 }',
    'sinks: []',
    'deadLetters: { path: bad.ndjson }',
  ]
  for (const text of accepted)
    it(`accepts ${text}`, () => {
      expect(Object.keys(parsePipeline(text, 'p.yaml'))).toHaveLength(1)
    })

  it.each([
    ['sauce: {}', 'p.yaml:1:1: sauce: received the unknown field "sauce"; expected "source"'],
    ['learn:\n  windo: 3', 'p.yaml:2:3: learn.windo: received the unknown field "windo"; expected "window"'],
    [
      'source:\n  kind: log\n  path: a\n  sped: max',
      'p.yaml:4:3: source.sped: received the unknown field "sped"; expected "speed"',
    ],
    [
      'model:\n  dynamics:\n    hiden: [3]',
      'p.yaml:3:5: model.dynamics.hiden: received the unknown field "hiden"; expected "hidden"',
    ],
    [
      'learn: { optimizer: { kind: adam, beta: 0.9 } }',
      'p.yaml:1:35: learn.optimizer.beta: received the unknown field "beta"; expected "beta1"',
    ],
    [
      'sinks:\n  - { kind: ndjson, path: "-" }\n  - { kind: websocket, prot: 1, port: 2 }',
      'p.yaml:3:24: sinks[1].prot: received the unknown field "prot"; expected "port"',
    ],
    [
      '__proto__: 1',
      /^p\.yaml:1:1: __proto__: received the unknown field "__proto__"; expected one of source, channels/,
    ],
    [
      'forecast: { every: 1, horizon: 2, zzz: 1 }',
      'p.yaml:1:35: forecast.zzz: received the unknown field "zzz"; expected one of every, horizon, points',
    ],
    [
      'source: { kind: websockt }',
      /^p\.yaml:1:11: source.kind: received "websockt"; expected "websocket", or another of 'log'/,
    ],
    [
      'checkpoint: { every: 1 }',
      'p.yaml:1:1: checkpoint.directory: received nothing; expected string; it has no default',
    ],
    [
      'forecast: { every: 1, horizn: 2 }',
      'p.yaml:1:23: forecast.horizn: received the unknown field "horizn"; expected "horizon"',
    ],
  ])('names the place of an unknown field and the nearest name it knows: %s', (text, expected) => {
    expect(complaints(text)).toEqual([
      expect.stringMatching(typeof expected === 'string' ? literally(expected) : expected),
    ])
  })

  it.each([
    [
      'source: { kind: stdin, path: log.ndjson }',
      'source.path',
      'one of kind, timeUnit, timeCheck, overflow, rejects, map, format, csv, maxLine',
    ],
    [
      'learn: { optimizer: { kind: kalman, rate: 0.1 } }',
      'learn.optimizer.rate',
      'one of kind, forgetting, clip, block',
    ],
    ['sinks: [{ kind: websocket, port: 1, path: a }]', 'sinks[0].path', 'one of kind, port, host, token'],
  ])('does not offer a field of another kind: %s', (text, path, expected) => {
    const [complaint] = complaints(text)
    expect(complaint).toContain(`${path}: received the unknown field`)
    expect(complaint).toContain(`; expected ${expected}`)
  })

  it.each([
    ['channels: temperature', 1, 1, 'channels', '"temperature"', 'array'],
    ['channels: []', 1, 1, 'channels', '[]', 'array to have >=1 items'],
    ['channels: [a, 3]', 1, 15, 'channels[1]', '3', 'string'],
    ['channels: [a, "b c"]', 1, 15, 'channels[1]', '"b c"', '1 to 64 letters'],
    ['channels: [__proto__]', 1, 12, 'channels[0]', '"__proto__"', 'not reserved'],
    ['channels: [a, b, a]', 1, 1, 'channels', '["a","b","a"]', 'channel names that differ'],
    ['learn: { window: 0 }', 1, 10, 'learn.window', '0', 'number to be >0'],
    ['learn: { window: 2.5 }', 1, 10, 'learn.window', '2.5', 'int'],
    ['learn: { window: "16" }', 1, 10, 'learn.window', '"16"', 'number'],
    ['learn: { level: 1 }', 1, 10, 'learn.level', '1', '<1'],
    ['learn: { seed: -1 }', 1, 10, 'learn.seed', '-1', '>=0'],
    ['learn: { loss: cubic }', 1, 10, 'learn.loss', '"cubic"', 'one of "squared"|"absolute"|"huber"|"gaussian"'],
    ['learn:\n  optimizer: { kind: newton }', 2, 16, 'learn.optimizer.kind', '"newton"', "'kalman'"],
    ['solver: { rtol: .inf }', 1, 11, 'solver.rtol', 'Infinity', 'number'],
    ['solver: { rtol: .nan }', 1, 11, 'solver.rtol', 'NaN', 'number'],
    ['solver: { method: dopri9 }', 1, 11, 'solver.method', '"dopri9"', '"dopri5"'],
    ['model: { augment: lots }', 1, 10, 'model.augment', '"lots"', '"auto" or number'],
    ['source: { kind: log }', 1, 1, 'source.path', 'nothing', 'string'],
    ['source: { kind: log, path: a, speed: 0 }', 1, 31, 'source.speed', '0', 'number to be >0'],
    ['source: { kind: websocket, url: "http://a" }', 1, 28, 'source.url', '"http://a"', 'ws:// or wss://'],
    ['source: { kind: websocket, url: "ws://a/#b" }', 1, 28, 'source.url', '"ws://a/#b"', 'without "#"'],
    ['source: { kind: stdin, timeUnit: min }', 1, 24, 'source.timeUnit', '"min"', '"ms"'],
    ['source: nonsense', 1, 1, 'source', '"nonsense"', 'object'],
    ['sinks: [{ kind: websocket, port: 65536 }]', 1, 28, 'sinks[0].port', '65536', '<=65535'],
    ['forecast: { every: 1 }', 1, 1, 'forecast.horizon', 'nothing', 'number'],
    ['- a', 1, 1, 'document', '["a"]', 'object'],
    ['just a text', 1, 1, 'document', '"just a text"', 'object'],
  ])('refuses %s', (text, line, column, path, received, expected) => {
    const [first, ...others] = complaints(text)
    expect(others).toEqual([])
    expect(first).toContain(`p.yaml:${line}:${column}: ${path}: received ${received}; expected `)
    expect(first!.split('; expected ')[1]).toContain(expected)
  })

  it.each([
    ['learn: { window: "16" }', 'number; write 16 without quotes'],
    ['learn: { window: 1_000 }', 'number; write 1000 without quotes'],
    ['learn: { window: 1e99 }', 'number to be <=10000'],
    ['forecast: { every: 1, horizon: 1.5 h }', 'number; write 5400: times are in seconds'],
    ['sinks: [{ kind: ndjson, path: a, rotate: { bytes: 64MB } }]', 'number; write it without its unit'],
    ['source: { kind: log, path: a, follow: yes }', 'boolean; write true'],
    ['channels: [1]', 'string; write "1" in quotes'],
    ['channels: [ä]', '1 to 64 letters, digits, "_", "." or "-"'],
    ['channels: temperature', 'array; write [temperature]'],
    ['sinks: { kind: ndjson, path: a }', 'array; put it into brackets, or "- " before it'],
    ['learn: { optimizer: kalman }', 'object; write { kind: kalman }'],
    ['learn: { optimizer: newton }', 'object'],
    ['source: { kind:log }', expect.stringContaining('; write "kind: log" with a blank behind the colon')],
    ['learn:', 'object; where there is nothing to say, leave the field out'],
    ['source: { kind: log, path: "" }', 'a name, not nothing'],
    ['source: { kind: log, path: "a\\0b" }', 'a name without the character 0'],
  ])('says how to write what was probably meant: %s', (text, expected) => {
    expect(complaints(text).map(complaint => complaint.split('; expected ')[1])).toEqual([expected])
  })

  it.each([
    ['{ a: 1 }: 2', 'a name of a field that is no text at line 1'],
    ['['.repeat(5000), 'something nested too deeply at line 1'],
  ])('says in its own words that it cannot read %.9s', (text, expected) => {
    expect(() => parsePipeline(text, 'p.yaml')).toThrow(`CONFIG_UNREADABLE: p.yaml: received ${expected}`)
  })

  it('names everything that is wrong at once, each with its place, unknown fields first', () => {
    const text = `source: { kind: log, pth: a }
channels: [a, a]
learn:
  window: -1
  optimizer:
    kind: adam
    rate: fast
extra: 1
`
    const error = failure(text)
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).toContain('p.yaml: received 5 wrong fields')
    const places = complaints(text).map(line => line.split(': received')[0])
    expect(places).toEqual([
      'p.yaml:1:22: source.pth',
      'p.yaml:8:1: extra',
      'p.yaml:2:1: channels',
      'p.yaml:4:3: learn.window',
      'p.yaml:7:5: learn.optimizer.rate',
    ])
  })

  it.each([
    ['source: { kind: log', 'line 1'],
    ['a: 1\n b: 2', 'at line 1, column 4'],
    ['learn: {}\nlearn: {}', 'unique'],
    ['channels: [a\nmodel: {', 'line'],
    ['a: 1\n---\nb: 2', 'multiple documents'],
    ['source: *nothing', 'nothing'],
    [
      'a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c]',
      'alias',
    ],
  ])('says where the YAML of %j goes wrong', (text, expected) => {
    const error = failure(text)
    expect(error.code).toBe('CONFIG_UNREADABLE')
    expect(error.place).toBe('p.yaml')
    expect(error.message).toContain(expected)
  })

  it('leaves the prototype of objects alone', () => {
    failure(
      '__proto__: { polluted: 1 }\nlearn: { __proto__: { polluted: 1 }, constructor: { prototype: { polluted: 1 } } }',
    )
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

function literally(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
}
