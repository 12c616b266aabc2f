import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PipelineConfig } from '../../../src/config/pipeline.js'
import { type PipelineOptions, runPipeline } from '../../../streams/pipeline/pipeline.js'
import { HandClock } from '../../support/hand-clock.js'
import { SMALL } from '../../support/pipelines.js'
import { startServer } from '../../support/sockets.js'
import { temporaryDirectory } from '../../support/temporary.js'

const NOW = 1_764_000_000
const EACH = 12

/** Where a run records: its journal, which it has because it asks the clock, or a directory. */
type Where = 'journal' | 'first' | 'second'

/** A live source that gives each connection the next twelve observations, and never again. */
async function liveSource(): Promise<string> {
  let next = 0
  const { url } = await startServer(socket => {
    for (const end = next + EACH; next < end; next++) {
      const y = [Math.sin(next / 3), Math.cos(next / 3)]
      socket.send(JSON.stringify({ key: 'a', t: NOW + next, y }))
    }
    socket.close(1000)
  })
  return url
}

const config = (cwd: string, url: string, where: Where): PipelineConfig => ({
  ...SMALL,
  source: { kind: 'websocket', url, maxSkew: 1000, reconnect: false },
  sinks: [{ kind: 'ndjson', path: `${cwd}/estimates.ndjson` }],
  // No other checkpoints than the first and the last.
  checkpoint: { directory: `${cwd}/state`, every: 1000 },
  ...(where !== 'journal' && { record: { directory: `${cwd}/${where}` } }),
})

/**
 * Runs that go on from one another, all but the last from what the one before would have left if it had been killed at its last observation.
 * @param before Called with the directory before each run.
 */
async function relay(places: readonly Where[], before: (cwd: string, run: number) => void = () => {}) {
  const url = await liveSource()
  const logs: string[] = []
  const cwd = temporaryDirectory()
  let accounting: unknown
  for (const [i, where] of places.entries()) {
    before(cwd, i)
    const image = temporaryDirectory()
    const last = NOW + EACH * (i + 1) - 1
    const filter = (path: string) => !/\/(lock|claim)\./.test(path)
    const options: PipelineOptions = {
      clock: new HandClock(NOW),
      log: line => logs.push(line),
      onEstimate: ({ t }) => {
        if (t === last && i < places.length - 1) cpSync(cwd, image, { recursive: true, filter })
      },
    }
    accounting = (await runPipeline(config(cwd, url, where), options)).accounting
    if (i === places.length - 1) break
    rmSync(cwd, { recursive: true })
    cpSync(image, cwd, { recursive: true })
  }
  return { estimates: readFileSync(`${cwd}/estimates.ndjson`, 'utf8'), accounting, logs, cwd }
}

/** What one run makes of all of it. */
async function alone(count: number): Promise<string> {
  const cwd = temporaryDirectory()
  const { url } = await startServer(socket => {
    for (let n = 0; n < count; n++)
      socket.send(JSON.stringify({ key: 'a', t: NOW + n, y: [Math.sin(n / 3), Math.cos(n / 3)] }))
    socket.close(1000)
  })
  await runPipeline(config(cwd, url, 'journal'), { clock: new HandClock(NOW) })
  return readFileSync(`${cwd}/estimates.ndjson`, 'utf8')
}

describe('F53: what was accepted before a crash, when the pipeline file has got', () => {
  it.each<[string, readonly Where[]]>([
    ['a recording', ['journal', 'first']],
    ['no recording any more', ['first', 'journal']],
    ['another recording', ['first', 'second']],
    ['a recording, and none again, each after another crash', ['journal', 'first', 'journal', 'first']],
  ])('%s, is learned once', async (_, places) => {
    const { estimates, accounting, logs } = await relay(places)
    const count = EACH * places.length
    expect(accounting).toMatchObject({ received: count, learned: count, dead: 0 })
    expect(estimates).toBe(await alone(count))
    expect(logs.filter(line => /missing|not there/.test(line))).toEqual([])
  })

  it('the directory of another recording, is learned, and what is in that recording is not', async () => {
    const other = await relay(['first'])
    const { estimates } = await relay(['journal', 'first', 'first'], (cwd, run) => {
      if (run === 1) cpSync(`${other.cwd}/first`, `${cwd}/first`, { recursive: true })
    })
    expect(estimates).toBe(await alone(3 * EACH))
  })

  it('the new place of a recording that was moved, is learned', async () => {
    const { estimates, logs } = await relay(['first', 'second'], (cwd, run) => {
      if (run === 1) renameSync(`${cwd}/first`, `${cwd}/second`)
    })
    expect(estimates).toBe(await alone(2 * EACH))
    expect(logs.join('\n')).toMatch(/first is not there: \S+second is taken for it/)
  })

  it('another recording, and the old one is gone, is said to be lost', async () => {
    const { accounting, logs } = await relay(['first', 'second'], (cwd, run) => {
      if (run !== 1) return
      mkdirSync(`${cwd}/elsewhere`)
      renameSync(`${cwd}/first`, `${cwd}/elsewhere/first`)
    })
    expect(accounting).toMatchObject({ received: EACH })
    expect(logs.join('\n')).toMatch(/first is not there: what was recorded in it behind the checkpoint is not learned/)
  })
})
