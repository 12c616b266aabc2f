import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contraflow } from '../support/cli.js'
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

  it('a number of workers that makes no sense is refused with the line', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(`${cwd}/p.yaml`, 'workers: 0\n')
    const { code, stderr } = await contraflow(['run', '-c', 'p.yaml'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('p.yaml:1')
  })
})
