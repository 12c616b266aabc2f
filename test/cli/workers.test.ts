import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contraflow, startContraflow } from '../support/cli.js'
import { temporaryDirectory } from '../support/temporary.js'

const KEYS = 7
const PIPELINE = `
learn: { window: 4, warmup: 5, allowedLateness: 2, maxKeys: ${KEYS - 1} }
model: { augment: 0, dynamics: { hidden: [4] } }
forecast: { every: 5, horizon: 2 }
deadLetters: { path: dead.ndjson }
`

/** Observations of several keys, some out of order, some too late, one of the wrong shape, one key too many. */
function log(): string {
  const lines: string[] = []
  for (let i = 0; i < 40; i++)
    for (let k = 0; k < KEYS; k++) {
      const t = i % 9 === 4 ? i - 1.5 : i % 13 === 5 ? i - 12 : i
      lines.push(JSON.stringify({ key: `k${k}`, t, y: [Math.sin(i / 3 + k), ...(i === 20 && k === 1 ? [] : [k])] }))
    }
  return `${lines.join('\n')}\nnot JSON\n`
}

async function run(workers: string): Promise<{ out: string; dead: string; summary: unknown }> {
  const cwd = temporaryDirectory()
  writeFileSync(`${cwd}/log.ndjson`, log())
  writeFileSync(`${cwd}/p.yaml`, PIPELINE + workers)
  const { code, stderr } = await contraflow(
    ['replay', 'log.ndjson', '-c', 'p.yaml', '-o', 'out.ndjson', '-q', '--json'],
    {
      cwd,
    },
  )
  expect(code).toBe(0)
  const read = (file: string) => readFileSync(`${cwd}/${file}`, 'utf8')
  return {
    out: read('out.ndjson'),
    dead: read('dead.ndjson'),
    summary: JSON.parse(stderr.trimEnd().split('\n').at(-1)!),
  }
}

describe('contraflow with workers', () => {
  it('one thread, one worker and three give the same estimates and dead letters byte for byte, and the same scores', async () => {
    const [alone, one, three] = await Promise.all([run(''), run('workers: 1'), run('workers: 3')])
    expect(alone.out.split('\n').length).toBeGreaterThan(200)
    expect(alone.dead).toContain('KEYS_EXHAUSTED')
    expect(alone.dead).toContain('OBSERVATION_LATE')
    expect(one).toEqual(alone)
    expect(three).toEqual(alone)
  })

  it('F61, F62: count what kept learning from harm, in the summary and at /metrics, as one thread does', async () => {
    const FILE = {
      source: { kind: 'stdin' },
      model: { augment: 0, dynamics: { hidden: [4] } },
      learn: { window: 4, warmup: 5, optimizer: { kind: 'sgd', rate: 1e9 } },
      sinks: [
        { kind: 'ndjson', path: '-' },
        { kind: 'websocket', port: 0 },
      ],
    }
    const lines: string[] = []
    // Of c nothing goes wrong but one value.
    for (let t = 0; t < 40; t++)
      for (const key of ['a', 'b', 'c'])
        lines.push(JSON.stringify({ key, t, y: key === 'c' ? [t === 30 ? 1e9 : 1] : [Math.sin(t / 3)] }))
    const counts: unknown[] = []
    for (const workers of [undefined, 2]) {
      const cwd = temporaryDirectory()
      writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify({ ...FILE, workers }))
      const child = startContraflow(['run', '--json'], { cwd })
      await child.says('stderr', /estimates on ws:\S+\n/)
      child.process.stdin.write(`${lines.join('\n')}\n`)
      await child.says('stdout', /"key":"c","t":39,/)
      const address = /estimates on ws(:\S+)/.exec(child.stderr)![1]!
      const state = (await (await fetch(`http${address}/metrics`)).json()) as { pipeline: { learning: unknown } }
      child.process.stdin.end()
      const { code, stderr } = await child.finished
      const { learning } = JSON.parse(stderr.trimEnd().split('\n').at(-1)!)
      expect(code).toBe(0)
      expect(state.pipeline.learning).toEqual(learning)
      counts.push(learning)
    }
    expect(counts[0]).toMatchObject({ frozen: 2, rollbacks: expect.any(Number), clipped: expect.any(Number) })
    const { rollbacks, clipped } = counts[0] as { rollbacks: number; clipped: number }
    expect(Math.min(rollbacks, clipped)).toBeGreaterThan(0)
    expect(counts[1]).toEqual(counts[0])
  })

  it('a number of workers that makes no sense is refused with the line', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(`${cwd}/p.yaml`, 'workers: 0\n')
    const { code, stderr } = await contraflow(['run', '-c', 'p.yaml'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('p.yaml:1')
  })
})
