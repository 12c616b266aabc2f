import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LogEvaluation } from '../../src/cli/evaluate-log.js'
import type { Estimate } from '../../src/estimate.js'
import { contraflow } from '../support/cli.js'
import { oscillationMessages } from '../support/observations.js'
import { temporaryDirectory } from '../support/temporary.js'

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
