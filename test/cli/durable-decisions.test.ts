import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { readSegments } from '../../streams/recorder/read-segments.js'
import { contraflow, startContraflow } from '../support/cli.js'
import { HandClock } from '../support/hand-clock.js'
import { SMALL } from '../support/pipelines.js'
import { startServer } from '../support/sockets.js'
import { temporaryDirectory } from '../support/temporary.js'

const line = (t: number) => `${JSON.stringify({ key: 'a', t, y: [Math.sin(t / 3), Math.cos(t / 3)] })}\n`
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => line(from + i)).join('')

const FILE = {
  source: { kind: 'log', path: 'log.ndjson', follow: true },
  channels: ['sine', 'cosine'],
  model: { augment: 0, dynamics: { hidden: [4] } },
  learn: { window: 4, warmup: 5, allowedLateness: 5, idle: 0.1 },
  sinks: [
    { kind: 'ndjson', path: 'estimates.ndjson' },
    { kind: 'ndjson', path: '-' },
  ],
  deadLetters: { path: 'letters.ndjson' },
  // No other checkpoints than the first and the last.
  checkpoint: { directory: 'state', every: 1000 },
}

describe('F04, F53: what was decided by the clock before kill -9', () => {
  it('stays decided: the run goes on from its journal as if it had not been killed', async () => {
    const outcomes: unknown[] = []
    for (const killed of [false, true]) {
      const cwd = temporaryDirectory()
      writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(FILE))
      writeFileSync(`${cwd}/log.ndjson`, `nonsense\n${lines(0, 11)}`)
      let child = startContraflow(['run', '-q', '--json'], { cwd })
      // Held, until the silence has lasted.
      await child.says('stdout', /"t":11,/)
      if (killed) {
        child.process.kill('SIGKILL')
        await child.finished
      }
      // It would be in order if nothing had been let go.
      appendFileSync(`${cwd}/log.ndjson`, line(8.5) + lines(20, 30))
      if (killed) child = startContraflow(['run', '-q', '--json'], { cwd })
      await child.says('stdout', /"t":30,/)
      child.process.kill('SIGTERM')
      const { code, stderr } = await child.finished
      expect(code).toBe(0)
      const { accounting } = JSON.parse(stderr.trimEnd().split('\n').at(-1)!)
      const [estimates, letters] = ['estimates', 'letters'].map(name => readFileSync(`${cwd}/${name}.ndjson`, 'utf8'))
      outcomes.push({ accounting, estimates, letters })
      expect(accounting).toMatchObject({ received: 25, learned: 24, dead: 1 })
      expect(estimates).toContain('"revision":"late"')
      const verified = await contraflow(['verify', 'log.ndjson', 'state'], { cwd })
      // Nothing was silent for the log alone.
      expect(verified.stdout).toContain('They differ')
    }
    expect(outcomes[1]).toEqual(outcomes[0])
  }, 30_000)

  it('stays decided when it was a time too far ahead, though the clock has got there since', async () => {
    const now = 1_764_000_000
    const { url } = await startServer(socket => {
      for (let t = 0; t < 12; t++) socket.send(line(now + t))
      socket.send(line(now + 100))
      socket.send(line(now + 12))
      socket.close(1000)
    })
    const [directory, image] = [temporaryDirectory(), temporaryDirectory()]
    const config = (cwd: string): PipelineConfig => ({
      ...SMALL,
      source: { kind: 'websocket', url, maxSkew: 50, reconnect: false },
      sinks: [{ kind: 'ndjson', path: `${cwd}/estimates.ndjson` }],
      checkpoint: { directory: `${cwd}/state`, every: 1000 },
    })
    const run = await runPipeline(config(directory), {
      clock: new HandClock(now),
      // What is on disk at this moment is what a crash would leave, but for the locks of a process that lives on.
      onEstimate: ({ t }) => {
        const filter = (path: string) => !/\/(lock|claim)\./.test(path)
        if (t === now + 12) cpSync(directory, image, { recursive: true, filter })
      },
    })
    expect(run.accounting).toMatchObject({ received: 14, learned: 13, dead: 1 })
    const end = new AbortController()
    const { accounting } = await runPipeline(
      { ...config(image), source: { kind: 'websocket', url, maxSkew: 50 } },
      {
        clock: new HandClock(now + 1000),
        signal: end.signal,
        log: text => {
          if (text.includes('connected')) end.abort()
        },
      },
    )
    expect(accounting).toMatchObject({ received: 14, learned: 13, dead: 1 })
    expect(readFileSync(`${image}/estimates.ndjson`, 'utf8')).toBe(
      readFileSync(`${directory}/estimates.ndjson`, 'utf8'),
    )
  })
})

describe('the journal beside the checkpoints', () => {
  it('is there only when something is decided by the clock, and is no longer than its oldest checkpoint asks for', async () => {
    const [plain, cwd] = [temporaryDirectory(), temporaryDirectory()]
    const path = `${cwd}/log.ndjson`
    writeFileSync(path, lines(0, 9999))
    const run = (directory: string, source: object) =>
      runPipeline({
        ...SMALL,
        source: { kind: 'log', path, ...source },
        sinks: [{ kind: 'ndjson', path: `${directory}/estimates.ndjson` }],
        // The one at the end alone decides: how many there are before depends on the disk.
        checkpoint: { directory: `${directory}/state`, every: 0.02, keep: 1 },
      })
    await run(plain, {})
    expect(existsSync(`${plain}/state/journal`)).toBe(false)
    const { accounting } = await run(cwd, { overflow: { policy: 'skip-update', limit: 1024 } })
    expect(accounting.received).toBe(10_000)
    const records: number[] = []
    for await (const batch of readSegments(`${cwd}/state/journal`, 0, new AbortController().signal))
      records.push(...batch.map(({ n }) => n))
    // A file is a megabyte, some six thousand of these.
    expect(records[0]).toBeGreaterThan(1)
    expect(records.at(-1)).toBe(10_000)
  })
})
