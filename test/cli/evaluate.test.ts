import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { evaluateLog, type LogEvaluation } from '../../src/cli/evaluate-log.js'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import type { Estimate } from '../../src/estimate.js'
import { contraflow } from '../support/cli.js'
import { oscillationMessages } from '../support/observations.js'
import { directoryWith, temporaryDirectory } from '../support/temporary.js'

const COUNT = 100
const rootMeanSquare = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)

describe('contraflow evaluate', () => {
  const cwdWith = (lines: readonly string[]) => {
    const cwd = temporaryDirectory()
    writeFileSync(`${cwd}/log.ndjson`, lines.join('\n'))
    return cwd
  }

  it('scores what replay predicts', async () => {
    const cwd = cwdWith([...oscillationMessages(COUNT), 'oops'])
    const replayed = await contraflow(['replay', 'log.ndjson', '-q'], { cwd })
    const estimates = replayed.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Estimate)
    const { code, stdout } = await contraflow(['evaluate', 'log.ndjson', '--json'], { cwd })
    expect(code).toBe(0)
    const result = JSON.parse(stdout) as LogEvaluation
    expect(result).toMatchObject({ log: 'log.ndjson', channels: ['c0', 'c1'], observations: COUNT, deadLetters: 1 })
    for (const [part, first] of [
      [result.all, 1],
      [result.secondHalf, COUNT / 2],
    ] as const)
      part.channels.forEach(({ rmse, persistence }, j) => {
        const scored = estimates.slice(first)
        const errors = scored.map(({ observed, predicted }) => observed[j]! - predicted[j]!)
        const changes = scored.map(({ observed, t }) => observed[j]! - estimates[t - 1]!.observed[j]!)
        // Sums in another order.
        expect(rmse).toBeCloseTo(rootMeanSquare(errors), 12)
        expect(persistence).toBeCloseTo(rootMeanSquare(changes), 12)
      })
  })

  it('prints a table for people', async () => {
    const { code, stdout } = await contraflow(['evaluate', 'log.ndjson'], { cwd: cwdWith(oscillationMessages(COUNT)) })
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toBe('log.ndjson: 100 observations')
    expect(lines.filter(line => /^(all|second half) +RMSE/.test(line))).toHaveLength(2)
    expect(lines.filter(line => /^c[01] /.test(line))).toHaveLength(4)
  })
})

describe('a log evaluated', () => {
  it.each([
    ['the header of a CSV', 'log.csv', 't,Temp (C),hum\n1,2,3\n2,3,4\n3,5,4\n', '', ['Temp (C)', 'hum']],
    [
      'values by name',
      'log.ndjson',
      '{"t":1,"values":{"a":1,"b":2}}\n{"t":2,"values":{"a":1,"b":3}}\n',
      '',
      ['a', 'b'],
    ],
    [
      'a mapping',
      'log.ndjson',
      '{"ts":1,"v":[1,2]}\n{"ts":2,"v":[1,3]}\n',
      'source: { kind: stdin, map: { rules: [{ time: /ts, values: { in: /v/0, out: /v/1 } }] } }',
      ['in', 'out'],
    ],
    ['a pipeline file', 'log.ndjson', '{"t":1,"y":[1,2]}\n{"t":2,"y":[1,3]}\n', 'channels: [p, q]', ['p', 'q']],
  ])('takes the names of channels from %s', async (_, name, log, config, names) => {
    const cwd = directoryWith({ [name]: log })
    const { channels } = await evaluateLog(join(cwd, name), parsePipeline(config, 'p.yaml'))
    expect(channels).toEqual(names)
  })
})
