import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { verifyCheckpoint } from '../../src/cli/verify-checkpoint.js'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { startContraflow } from '../support/cli.js'
import { runToFile } from '../support/pipelines.js'
import { temporaryDirectory } from '../support/temporary.js'

const CONFIG = {
  source: { kind: 'log', path: 'log.ndjson', follow: true, poll: 0.01 },
  channels: ['sine', 'cosine'],
  model: { augment: 0, dynamics: { hidden: [4] } },
  learn: { window: 6, warmup: 5 },
  sinks: [
    { kind: 'ndjson', path: 'estimates.ndjson' },
    { kind: 'ndjson', path: '-' },
  ],
  deadLetters: { path: 'letters.ndjson' },
  checkpoint: { directory: 'state', every: 0.02 },
  record: { directory: 'recording' },
} satisfies PipelineConfig

const values = (t: number) => [Math.sin(t / 3), Math.cos(t / 3)]
const observation = (t: number, y = values(t)) => ({ t, id: `a${t}`, y })
const correction = (t: number, y = values(t)) => ({ ...observation(t, y), correct: true })
const retraction = (t: number) => ({ t, id: `a${t}`, retract: true })
const late = (t: number) => ({ t, id: `late${t}`, y: values(t) })
const observations = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => observation(from + i, from + i === 18 ? [9, 9] : values(from + i)))

/** Three parts, each with revisions of what came in it and in the part before, and one that is older than the window; each ends with a time of its own. */
const PARTS = [
  [...observations(0, 19), correction(17, [0.5, null as unknown as number]), late(15.5), late(2), observation(19)],
  // What was wrong in the part before is set right, what was right is taken back, and what nobody knows is neither.
  [correction(18), retraction(17), retraction(17), correction(99), late(3), late(18.5), ...observations(20, 28)],
  [retraction(26), correction(25, [0.1, 0.2]), correction(25), late(1), late(26.5), ...observations(28, 36)],
].map(part => part.map(message => `${JSON.stringify(message)}\n`).join(''))
/** Killed with -9 behind each part but the last. */
async function killed(): Promise<string> {
  const cwd = temporaryDirectory()
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(CONFIG))
  for (const [i, part] of PARTS.entries()) {
    appendFileSync(`${cwd}/log.ndjson`, part)
    const child = startContraflow(['run', '-q'], { cwd })
    await child.says('stdout', [/"t":19,/, /"t":27,/, /"t":35,/][i]!)
    const isLast = i === PARTS.length - 1
    child.process.kill(isLast ? 'SIGTERM' : 'SIGKILL')
    expect((await child.finished).code).toBe(isLast ? 0 : null)
  }
  return cwd
}

/** Learned at one go. */
async function whole(): Promise<string> {
  const cwd = temporaryDirectory()
  writeFileSync(`${cwd}/log.ndjson`, PARTS.join(''))
  const { channels, model, learn } = CONFIG
  const source = { kind: 'log', path: `${cwd}/log.ndjson` } as const
  const sinks = [{ kind: 'ndjson' as const, path: `${cwd}/estimates.ndjson` }]
  await runPipeline({ channels, model, learn, source, sinks, deadLetters: { path: `${cwd}/letters.ndjson` } })
  return cwd
}

const read = (cwd: string, name: string) => readFileSync(`${cwd}/${name}.ndjson`, 'utf8')

it('F08, F53: corrections, retractions and late letters are the same through kill -9 and replay, each once', async () => {
  const [once, thrice] = [await whole(), await killed()]
  const estimates = read(once, 'estimates')
  expect(estimates.match(/"revision":"\w+"/g)?.sort()).toEqual([
    ...new Array(4).fill('"revision":"corrected"'),
    ...new Array(3).fill('"revision":"late"'),
    ...new Array(2).fill('"revision":"retracted"'),
  ])
  expect(read(thrice, 'estimates')).toBe(estimates)

  const letters = read(thrice, 'letters')
  expect(letters).toBe(read(once, 'letters'))
  const found = letters
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(found.map(({ code, received }) => [code, Number(/t=(\S+)/.exec(received)![1])])).toEqual([
    ['OBSERVATION_LATE', 2],
    ['OBSERVATION_DUPLICATE', 17],
    ['OBSERVATION_UNKNOWN', 99],
    ['OBSERVATION_LATE', 3],
    ['OBSERVATION_LATE', 1],
  ])

  const { channels, model, learn } = CONFIG
  const again = await runToFile({ channels, model, learn, source: { kind: 'log', path: `${thrice}/recording` } })
  expect(again.output).toBe(estimates)
  expect(again.progress.accounting).toMatchObject({ late: 3, duplicates: 1, dead: 1 })
  expect(await verifyCheckpoint(`${thrice}/recording`, `${thrice}/state`, CONFIG)).toMatchObject({ same: true })
}, 30_000)
