import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contraflow, startContraflow } from '../support/cli.js'
import { temporaryDirectory } from '../support/temporary.js'

const FILE = {
  source: { kind: 'stdin', maxSkew: 1e6 },
  channels: ['sine', 'cosine'],
  model: { augment: 0, dynamics: { hidden: [4] } },
  learn: { window: 4, warmup: 5, allowedLateness: 5, idle: 0.1 },
  workers: 2,
  sinks: [{ kind: 'ndjson', path: '-' }],
  record: { directory: 'recording' },
  checkpoint: { directory: 'state' },
}
const line = (key: string, t: number) => `${JSON.stringify({ key, t, y: [Math.sin(t / 3), Math.cos(t / 3)] })}\n`

describe('F04: learn.idle with worker threads', () => {
  it('lets go of what silent keys hold while the run goes on, and its replay has the same bytes', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(FILE))
    const live = startContraflow(['run', '-q', '--json'], { cwd })
    const { stdin } = live.process
    for (let t = 0; t < 12; t++) stdin.write(line('a', t) + line('b', t))
    // Both are held until somebody says that they are silent.
    await live.says('stdout', /"key":"a","t":11,/)
    await live.says('stdout', /"key":"b","t":11,/)
    stdin.end(line('b', 20) + line('a', 21) + line('b', 1e12))
    const { code, stdout, stderr } = await live.finished
    expect(code).toBe(0)
    const summary = JSON.parse(stderr.trimEnd().split('\n').at(-1)!)
    expect(summary.accounting).toMatchObject({ received: 27, learned: 26, dead: 1, queued: 0 })

    const replay = ['replay', 'recording', '-q', '--fresh', '-c', 'contraflow.yaml', '-o', 'again.ndjson']
    writeFileSync(`${cwd}/plain.yaml`, JSON.stringify({ ...FILE, workers: undefined, checkpoint: undefined }))
    for (const file of ['plain.yaml', 'contraflow.yaml']) {
      expect(await contraflow(replay.with(5, file), { cwd })).toMatchObject({ code: 0 })
      expect(readFileSync(`${cwd}/again.ndjson`, 'utf8')).toBe(stdout)
    }
  }, 30_000)

  it('is refused where it makes no sense, as is maxSkew for a log', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(`${cwd}/p.yaml`, 'source: { kind: log, path: x, maxSkew: 5 }\nlearn: { idle: 0 }\n')
    const { code, stderr } = await contraflow(['run', '-c', 'p.yaml'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/maxSkew/)
    expect(stderr).toMatch(/learn\.idle/)
  })
})
