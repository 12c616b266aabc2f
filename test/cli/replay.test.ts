import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Estimate } from '../../src/estimate.js'
import { contraflow, shell, startContraflow } from '../support/cli.js'
import { oscillationMessages } from '../support/observations.js'
import { readLines } from '../support/pipelines.js'
import { temporaryDirectory } from '../support/temporary.js'

const lines = oscillationMessages(60)
/** A small model; what the source says must not matter. */
const CONFIG = `
source: { kind: websocket, url: "ws://127.0.0.1:1", timeUnit: ms }
channels: [x, v]
model: { augment: 0, dynamics: { hidden: [4] } }
learn: { window: 4, warmup: 5 }
sinks: [{ kind: ndjson, path: from-the-config.ndjson }]
`

function directory(log: readonly string[] = lines): string {
  const cwd = temporaryDirectory()
  writeFileSync(`${cwd}/log.ndjson`, log.map(line => `${line}\n`).join(''))
  writeFileSync(`${cwd}/p.yaml`, CONFIG)
  return cwd
}
const estimates = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Estimate)

describe('contraflow replay', () => {
  it('prints the estimates, and a summary on standard error', async () => {
    const { code, stdout, stderr } = await contraflow(['replay', 'log.ndjson'], { cwd: directory() })
    expect(code).toBe(0)
    expect(estimates(stdout).map(({ t }) => t)).toEqual(Array.from({ length: 60 }, (_, i) => i))
    const [first, head, ...rows] = stderr.trimEnd().split('\n')
    expect(first).toBe('60 messages, 60 estimates')
    expect(head!.split(/ {2,}/)).toEqual(['key', 'channel', 'RMSE', 'persistence', 'ratio', 'in interval'])
    expect(rows.map(row => row.split(/ +/).slice(0, 2))).toEqual([
      ['default', 'c0'],
      ['default', 'c1'],
    ])
  })

  it('takes everything but source and sinks from the pipeline file, and its unit of time', async () => {
    const cwd = directory()
    const args = ['replay', 'log.ndjson', '-c', 'p.yaml', '-o', 'out.ndjson']
    const { code, stdout, stderr } = await contraflow(args, { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const out = readLines(`${cwd}/out.ndjson`).map(line => JSON.parse(line) as Estimate)
    expect(out.map(({ t }) => t)).toEqual(Array.from({ length: 60 }, (_, i) => i / 1000))
    // The warm-up of the file, not the default.
    expect(out[5]!.interval[0]).not.toBeNull()
    expect(stderr).toMatch(/^default {2}x /m)
    const kept = await contraflow(['replay', 'log.ndjson', '-c', 'p.yaml'], { cwd })
    expect(kept.stdout).toBe('')
    expect(readFileSync(`${cwd}/from-the-config.ndjson`, 'utf8')).toBe(readFileSync(`${cwd}/out.ndjson`, 'utf8'))
  })

  it('goes on after bad lines, and says of each where it is and what was expected', async () => {
    const cwd = directory([...lines.slice(0, 5), 'oops', '{"t":5,"y":[1]}', '{"t":5,"ys":[1,2]}', ...lines.slice(5)])
    const { code, stdout, stderr } = await contraflow(['replay', 'log.ndjson'], { cwd })
    expect(code).toBe(0)
    const clean = await contraflow(['replay', 'log.ndjson'], { cwd: directory() })
    expect(stdout).toBe(clean.stdout)
    expect(stderr.split('\n').slice(0, 7)).toEqual([
      expect.stringMatching(/^OBSERVATION_NOT_JSON: log\.ndjson:6: received oops; expected .*Send each on one line/),
      expect.stringMatching(/^OBSERVATION_CHANNELS: log\.ndjson:7: received 1 values; expected 2: c0, c1/),
      expect.stringMatching(/^OBSERVATION_INVALID: log\.ndjson:8, /),
      '63 messages, 60 estimates',
      '1 put aside: OBSERVATION_NOT_JSON',
      '1 put aside: OBSERVATION_CHANNELS',
      '1 put aside: OBSERVATION_INVALID',
    ])
  })

  it('shows the first few bad lines of a kind and counts the rest', async () => {
    const cwd = directory([...lines, ...new Array<string>(100).fill('oops')])
    const { stderr } = await contraflow(['replay', 'log.ndjson', '-o', '/dev/null'], { cwd })
    expect(stderr.split('\n').filter(line => line.startsWith('OBSERVATION_NOT_JSON'))).toHaveLength(5)
    expect(stderr).toContain('(more OBSERVATION_NOT_JSON are counted, not shown)')
    expect(stderr).toContain('100 put aside: OBSERVATION_NOT_JSON')
  })

  it('says nothing but errors when it is told to be quiet', async () => {
    const quiet = ['replay', 'log.ndjson', '-q', '-o', '/dev/null']
    expect(await contraflow(quiet, { cwd: directory() })).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const { stderr } = await contraflow(quiet, { cwd: directory([...lines, 'oops']) })
    expect(stderr).toMatch(/^OBSERVATION_NOT_JSON: log\.ndjson:61: .*\n$/)
  })

  it('gives the summary as JSON', async () => {
    const { stderr } = await contraflow(['replay', 'log.ndjson', '--json', '-o', '/dev/null'], { cwd: directory() })
    const summary = JSON.parse(stderr)
    expect(summary).toMatchObject({ received: 60, estimates: 60, deadLetters: {}, channels: ['c0', 'c1'] })
    expect(summary.scores.default).toHaveLength(2)
    expect(summary.scores.default[0]).toMatchObject({
      count: 59,
      rmse: expect.any(Number),
      coverage: expect.any(Number),
    })
    const bad = await contraflow(['replay', 'log.ndjson', '--json', '-o', '/dev/null'], { cwd: directory(['oops']) })
    // Bad lines are shown before it.
    expect(JSON.parse(bad.stderr.trimEnd().split('\n').at(-1)!)).toEqual({
      received: 1,
      ignored: 0,
      estimates: 0,
      accounting: {
        received: 1,
        learned: 0,
        skipped: 0,
        dropped: 0,
        late: 0,
        duplicates: 0,
        withdrawn: 0,
        dead: 1,
        queued: 0,
      },
      learning: { rollbacks: 0, frozen: 0, clipped: 0, stuck: 0 },
      deadLetters: { OBSERVATION_NOT_JSON: 1 },
      channels: [],
      scores: {},
    })
  })

  it('reads standard input', async () => {
    const input = lines.join('\n')
    const { code, stdout } = await contraflow(['replay', '-'], { input })
    expect(code).toBe(0)
    expect(stdout).toBe((await contraflow(['replay', 'log.ndjson'], { cwd: directory() })).stdout)
  })

  it('keeps the pace that it is asked for', async () => {
    const cwd = directory(['{"t":100,"y":[1]}', '{"t":112,"y":[2]}'])
    const child = startContraflow(['replay', 'log.ndjson', '-s', '10'], { cwd })
    await child.says('stdout', /"t":100/)
    const start = performance.now()
    const { code, stdout } = await child.finished
    // Twelve seconds at ten times the speed, and not at twenty or at five; on a busy machine the first line takes its time, and so does the end.
    const took = performance.now() - start
    expect(took).toBeGreaterThan(750)
    expect(took).toBeLessThan(2200)
    expect(code).toBe(0)
    expect(estimates(stdout)).toHaveLength(2)
  })

  it('fails with 1 on a torn log, after what was whole', async () => {
    const cwd = directory()
    writeFileSync(`${cwd}/torn.gz`, gzipSync(`${lines.join('\n')}\n`).subarray(0, -8))
    const { code, stdout, stderr } = await contraflow(['replay', 'torn.gz'], { cwd })
    expect(code).toBe(1)
    expect(estimates(stdout)).toHaveLength(60)
    expect(stderr).toMatch(/^FILE_DAMAGED: torn\.gz: .* What came before the damage was used/)
  })

  it.each(['> /dev/full', '-o /dev/full'])('fails with 1 when there is no space left (%s)', async where => {
    const { code, stderr } = await shell(`contraflow replay log.ndjson -q ${where}`, { cwd: directory() })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^SINK_FAILED: .*ENOSPC/)
    expect(stderr).not.toContain('    at ')
  })

  it('ends quietly when its reader has seen enough', async () => {
    const line = '{ contraflow simulate lorenz -n 1000000 | contraflow replay -; echo "exit $?" >&2; } | head -3'
    const { stdout, stderr } = await shell(line)
    expect(stdout.trimEnd().split('\n')).toHaveLength(3)
    expect(stderr).toBe('exit 0\n')
  })
})
