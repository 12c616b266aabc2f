import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { startContraflow } from '../support/cli.js'
import { oscillationMessages } from '../support/observations.js'
import { SMALL } from '../support/pipelines.js'
import { temporaryDirectory } from '../support/temporary.js'

const CONFIG = {
  ...SMALL,
  source: {
    kind: 'log',
    path: 'log.ndjson',
    follow: true,
    poll: 0.01,
    overflow: { policy: 'skip-update', limit: 1000 },
  },
  sinks: [
    { kind: 'ndjson', path: 'estimates.ndjson' },
    { kind: 'ndjson', path: '-' },
  ],
  // No other checkpoints than the first, the last, and those that are made anew.
  checkpoint: { directory: 'state', every: 1000 },
} satisfies PipelineConfig

it.each([
  ['a recording', { record: { directory: 'recording' } }, 'recording'],
  ['a journal', {}, 'state/journal'],
])(
  'F44, F53: checkpoints and %s that are removed under a run are made anew, and after kill -9 it goes on from them',
  async (_, more, records) => {
    const cwd = temporaryDirectory()
    const lines = oscillationMessages(60).map(line => `${line}\n`)
    const feed = (from: number, to: number) => appendFileSync(`${cwd}/log.ndjson`, lines.slice(from, to).join(''))
    writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify({ ...CONFIG, ...more }))
    feed(0, 20)
    const first = startContraflow(['run'], { cwd })
    await first.says('stdout', /"t":19,/)
    for (const name of ['state', records]) rmSync(`${cwd}/${name}`, { recursive: true, force: true })
    feed(20, 40)
    await first.says(
      'stderr',
      /^state was removed while this run used it: it is made anew, and gets a checkpoint now$/m,
    )
    await first.says('stderr', new RegExp(`^${records} was removed while this run used it: it is made anew`, 'm'))
    const checkpoints = () => readdirSync(`${cwd}/state`).filter(name => name.endsWith('.contraflow'))
    while (checkpoints().length === 0) await new Promise(resolve => setImmediate(resolve))
    feed(40, 50)
    await first.says('stdout', /"t":49,/)
    first.process.kill('SIGKILL')
    expect((await first.finished).stderr).not.toContain('FAILED')

    feed(50, 60)
    const second = startContraflow(['run'], { cwd })
    await second.says('stdout', /"t":59,/)
    second.process.kill('SIGTERM')
    const { code, stderr } = await second.finished
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^going on from state\/checkpoint-/m) })

    const { overflow: _overflow, follow: _follow, ...source } = CONFIG.source
    const sinks = [{ kind: 'ndjson', path: `${cwd}/whole.ndjson` } as const]
    await runPipeline({ ...SMALL, source: { ...source, path: `${cwd}/log.ndjson` }, sinks })
    expect(readFileSync(`${cwd}/estimates.ndjson`, 'utf8')).toBe(readFileSync(`${cwd}/whole.ndjson`, 'utf8'))
  },
  30_000,
)
