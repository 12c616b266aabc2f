import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { verifyCheckpoint } from '../../../src/cli/verify-checkpoint.js'
import type { PipelineConfig } from '../../../src/config/pipeline.js'
import { OVERFLOW_POLICIES, type OverflowPolicy } from '../../../src/names.js'
import { isDeadLetter } from '../../../streams/feeds/feed.js'
import { readSegments } from '../../../streams/recorder/read-segments.js'
import { contraflow } from '../../support/cli.js'
import { oscillationMessages } from '../../support/observations.js'
import { runToFile, SMALL, writeLog } from '../../support/pipelines.js'
import { temporaryDirectory } from '../../support/temporary.js'

/** Two thousand messages of two keys, some behind others, in one burst: more than a queue of eight holds. */
const burst = () => {
  const [a, b] = [oscillationMessages(1000, 'a'), oscillationMessages(1000, 'b')]
  const mixed = a.flatMap((message, i) => (i % 7 === 3 ? [b[i]!, message] : [message, b[i]!]))
  for (let i = 20; i < mixed.length - 6; i += 50) mixed.splice(i + 6, 0, mixed.splice(i, 1)[0]!)
  return writeLog(mixed)
}

const PIPELINE = {
  ...SMALL,
  learn: { ...SMALL.learn, allowedLateness: 1 },
  forecast: { every: 20, horizon: 3, points: 2 },
} as const satisfies PipelineConfig

async function recorded(policy: OverflowPolicy) {
  const [directory, state] = [`${temporaryDirectory()}/recording`, `${temporaryDirectory()}/state`]
  const config: PipelineConfig = { ...PIPELINE, checkpoint: { directory: state } }
  const source = { kind: 'log', path: burst(), overflow: { policy, limit: 8 } } as const
  const live = await runToFile({ ...config, source, record: { directory } })
  return { live, directory, state, config }
}

describe('F05: a run that had more to learn than it could', () => {
  it.each(OVERFLOW_POLICIES)('is replayed from its recording, byte for byte, by the policy %s', async policy => {
    const { live, directory, state, config } = await recorded(policy)
    const { dropped, skipped } = live.progress.accounting
    const drops = policy.startsWith('drop') || policy === 'coalesce'
    expect(dropped > 0).toBe(drops)
    // What is dropped may leave a gap that is too long to be learned across.
    if (!drops) expect(skipped > 0).toBe(policy === 'skip-update')
    const again = await runToFile({ ...PIPELINE, source: { kind: 'log', path: directory } })
    expect(again.output).toBe(live.output)
    expect(again.progress.accounting).toEqual(live.progress.accounting)
    expect(await verifyCheckpoint(directory, state, config)).toMatchObject({ same: true, observations: 2000 - dropped })
  })

  it('has its decisions in the recording: the mark of what was not to be learned, and what was dropped, as dropped', async () => {
    const { live, directory } = await recorded('skip-update')
    let marked = 0
    for await (const records of readSegments(directory, 0, new AbortController().signal))
      marked += records.filter(({ value }) => !isDeadLetter(value) && value.learn === false).length
    const { skipped } = live.progress.accounting
    // During the warm-up there is nothing to leave out.
    expect(marked).toBeGreaterThanOrEqual(skipped)
    expect(skipped).toBeGreaterThan(100)
  })

  it('is replayed and verified by the commands, with the pipeline file of the run, by worker threads or without', async () => {
    const cwd = temporaryDirectory()
    const source = { kind: 'log', path: burst(), overflow: { policy: 'skip-update', limit: 8 } }
    const file = {
      ...PIPELINE,
      source,
      workers: 2,
      record: { directory: 'recording' },
      sinks: [{ kind: 'ndjson', path: 'live.ndjson' }],
      checkpoint: { directory: 'state' },
    }
    writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(file))
    const run = await contraflow(['run', '-q', '--json'], { cwd })
    expect(JSON.parse(run.stderr.split('\n').at(-2)!).accounting.skipped).toBeGreaterThan(100)
    const verified = await contraflow(['verify', 'recording', 'state'], { cwd })
    expect(verified.stdout).toContain('after 2000 observations\nEvery bit is the same.')
    const stored = () => readdirSync(`${cwd}/state`).map(name => readFileSync(`${cwd}/state/${name}`, 'base64'))
    const before = stored()
    expect(before).not.toEqual([])
    const replay = ['replay', 'recording', '-q', '-c', 'contraflow.yaml', '-o', 'again.ndjson']
    for (let times = 0; times < 2; times++) {
      expect(await contraflow(replay, { cwd })).toMatchObject({ code: 0 })
      expect(readFileSync(`${cwd}/again.ndjson`, 'utf8')).toBe(readFileSync(`${cwd}/live.ndjson`, 'utf8'))
      expect(stored()).toEqual(before)
    }
  }, 30_000)
})
