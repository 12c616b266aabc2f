import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DeadLetter } from '../../../src/dead-letter.js'
import type { Estimate, Forecast } from '../../../src/estimate.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { oscillationMessages } from '../../support/observations.js'
import { countByCode, readJson, runToFile, SMALL, writeLog } from '../../support/pipelines.js'
import { temporaryFile } from '../../support/temporary.js'

const lines = oscillationMessages(60)
const log = (path: string) => ({ kind: 'log', path }) as const

describe('runPipeline', () => {
  it('makes one estimate of every observation of a log, in order, each before the value was used', async () => {
    const { estimates, progress } = await runToFile({ source: log(writeLog(lines)), channels: ['x', 'v'] })
    expect(estimates.map(({ t }) => t)).toEqual(Array.from({ length: 60 }, (_, i) => i))
    expect(estimates.map(({ observed }) => observed)).toEqual(lines.map(line => JSON.parse(line).y))
    expect(estimates[0]).toEqual({
      key: 'default',
      t: 0,
      observed: [0, 1],
      predicted: [null, null],
      interval: [null, null],
      score: null,
      loss: null,
      update: { count: 0, gradientNorm: 0 },
      evaluations: { forward: 0, backward: 0 },
    })
    // Persistence during the warm-up, an interval around the prediction afterwards.
    expect(estimates[3]!.predicted).toEqual(estimates[2]!.observed)
    for (const { predicted, interval } of estimates.slice(5))
      interval.forEach((range, j) => {
        expect(range![0]).toBeLessThan(predicted[j]!)
        expect(range![1]).toBeGreaterThan(predicted[j]!)
      })
    expect(estimates.at(-1)!.update.count).toBeGreaterThan(50)
    expect(progress).toMatchObject({ received: 60, estimates: 60, channels: ['x', 'v'] })
    expect([...progress.deadLetters]).toEqual([])
    expect([...progress.scores.keys()]).toEqual(['default'])
    expect(progress.scores.get('default')!.scores.count).toBe(60)
  })

  it('accounts for every message: received = estimates + dead letters', async () => {
    const late = '{"t":7,"y":[0,0]}'
    const keyed = (key: string, t: number) => `{"key":"${key}","t":${t},"y":[0,0]}`
    const input = [
      ...lines.slice(0, 20),
      'oops',
      '{"t":20,"y":[1]}',
      '{"t":20,"y":["1",2]}',
      '{"t":20,"y":[1,1e999]}',
      ...lines.slice(20, 30),
      late,
      keyed('b', 1),
      keyed('c', 1),
      late,
      keyed('c', 2),
      '',
      '[]',
      keyed('b', 2),
      ...lines.slice(30, 32),
    ]
    const deadLetters = { path: temporaryFile('dead.ndjson') }
    writeFileSync(deadLetters.path, '{"code":"FROM_BEFORE"}\n')
    const told: DeadLetter[] = []
    const { estimates, progress } = await runToFile(
      { source: log(writeLog(input)), deadLetters, learn: { ...SMALL.learn, maxKeys: 2, late: 'drop', duplicates: 0 } },
      { onDeadLetter: letter => told.push(letter) },
    )
    const expected = {
      OBSERVATION_NOT_JSON: 1,
      OBSERVATION_CHANNELS: 1,
      OBSERVATION_INVALID: 2,
      OBSERVATION_NOT_FINITE: 1,
      OBSERVATION_LATE: 2,
      KEYS_EXHAUSTED: 2,
    }
    expect(Object.fromEntries(progress.deadLetters)).toEqual(expected)
    const [before, ...letters] = readJson<DeadLetter>(deadLetters.path)
    expect(before).toEqual({ code: 'FROM_BEFORE' })
    expect(letters).toEqual(told)
    expect(countByCode(letters)).toEqual(expected)
    expect(letters.find(({ code }) => code === 'OBSERVATION_LATE')).toMatchObject({
      place: 'key "default"',
      received: 't=7 with y=[0,0]',
      message: expect.stringContaining('allowedLateness'),
    })
    expect(progress.received).toBe(input.length - 1)
    expect(progress.estimates).toBe(34)
    expect(estimates).toHaveLength(34)
    expect(progress.received).toBe(34 + 9)
  })

  it('learns every key as if it were alone', async () => {
    const keys = ['a', 'b', '__proto__']
    const each = keys.map((key, k) => oscillationMessages(30, key).map(line => line.replace('"t":', `"t":${k + 1}`)))
    const mixed = each[0]!.flatMap((_, i) => each.map(of => of[i]!))
    const { estimates, progress } = await runToFile({ source: log(writeLog(mixed)) })
    expect([...progress.scores.keys()]).toEqual(keys)
    for (const [k, key] of keys.entries()) {
      const alone = await runToFile({ source: log(writeLog(each[k]!)) })
      expect(estimates.filter(estimate => estimate.key === key)).toEqual(alone.estimates)
      expect(progress.scores.get(key)!.scores).toEqual(alone.progress.scores.get(key)!.scores)
    }
  })

  it('X17: sends each forecast right after the estimate that it was due with, and changes nothing else', async () => {
    const source = log(writeLog(lines))
    const plain = await runToFile({ source })
    const { messages, estimates, progress } = await runToFile({
      source,
      forecast: { every: 10, horizon: 4, points: 2 },
    })
    expect(estimates).toEqual(plain.estimates)
    expect(progress.estimates).toBe(60)
    const forecasts = messages.flatMap((message, i) =>
      'forecast' in message ? [{ message, before: messages[i - 1]! }] : [],
    )
    // The warm-up ends with the fifth observation, at t = 4.
    expect(forecasts.map(({ message }) => message.t)).toEqual([4, 14, 24, 34, 44, 54])
    for (const { message, before } of forecasts) {
      expect(before).toMatchObject({ key: message.key, t: message.t })
      expect('forecast' in before).toBe(false)
      expect((message as Forecast).forecast.map(({ t }) => t)).toEqual([message.t + 2, message.t + 4])
    }
  })

  it('gives the same estimates for every order of arrival within the allowed lateness', async () => {
    const learn = { ...SMALL.learn, allowedLateness: 3 }
    const sorted = await runToFile({ source: log(writeLog(lines)), learn })
    const swapped = lines.map((_, i) => lines[i ^ 3] ?? lines[i]!)
    const shuffled = await runToFile({ source: log(writeLog(swapped)), learn })
    expect(shuffled.output).toBe(sorted.output)
    expect(sorted.estimates).toHaveLength(60)
    const strict = await runToFile({ source: log(writeLog(swapped)), learn: { ...SMALL.learn, late: 'drop' } })
    expect(strict.progress.deadLetters.get('OBSERVATION_LATE')).toBe(45)
  })

  it('tells of every estimate while it runs', async () => {
    const told: [number, number, number][] = []
    await runToFile(
      { source: log(writeLog([...lines.slice(0, 3), 'oops', ...lines.slice(3, 5)])) },
      { onEstimate: ({ t }, { received, estimates }) => told.push([t, received, estimates]) },
    )
    expect(told).toEqual([
      [0, 1, 1],
      [1, 2, 2],
      [2, 3, 3],
      [3, 5, 4],
      [4, 6, 5],
    ])
  })

  it('goes on when a callback throws', async () => {
    const logs: string[] = []
    const fail = () => {
      throw new Error('mine')
    }
    const { progress } = await runToFile(
      { source: log(writeLog([...lines.slice(0, 3), 'oops'])) },
      { onEstimate: fail, onDeadLetter: fail, log: line => logs.push(line) },
    )
    expect(progress).toMatchObject({ received: 4, estimates: 3 })
    expect(logs).toEqual(new Array(4).fill('a callback failed: mine'))
  })

  it('sends the same lines to every sink', async () => {
    const paths = [1, 2, 3].map(() => temporaryFile())
    const sinks = paths.map(path => ({ kind: 'ndjson', path }) as const)
    await runPipeline({ ...SMALL, source: log(writeLog(lines)), sinks })
    const [first, ...others] = paths.map(path => readJson<Estimate>(path))
    expect(first).toHaveLength(60)
    for (const other of others) expect(other).toEqual(first)
  })

  it('needs no sink', async () => {
    const progress = await runPipeline({ ...SMALL, source: log(writeLog(lines)), sinks: [] })
    expect(progress.estimates).toBe(60)
  })
})
