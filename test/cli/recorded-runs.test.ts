import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { verifyCheckpoint } from '../../src/cli/verify-checkpoint.js'
import type { PipelineConfig } from '../../src/config/pipeline.js'
import type { Estimate } from '../../src/estimate.js'
import { recordSource } from '../../streams/recorder/record-source.js'
import { contraflow, startContraflow } from '../support/cli.js'
import { readJson, runToFile, SMALL } from '../support/pipelines.js'
import { temporaryDirectory } from '../support/temporary.js'

const OUTPUT = { kind: 'ndjson', path: 'live.ndjson' } as const

function place(config: PipelineConfig): string {
  const cwd = temporaryDirectory()
  writeFileSync(`${cwd}/contraflow.yaml`, JSON.stringify(config))
  return cwd
}

const read = (path: string) => readFileSync(path, 'utf8')

/** Replays the recording of a run by a pipeline file. @returns What it wrote. */
async function replay(cwd: string, config = 'contraflow.yaml'): Promise<string> {
  const args = ['replay', 'recording', '-q', '-c', config, '-o', 'again.ndjson']
  expect(await contraflow(args, { cwd })).toMatchObject({ code: 0, stderr: '' })
  return read(`${cwd}/again.ndjson`)
}

/** As `replay`, in this process: a start takes longer than all the rest. */
async function relearned(recording: string, { channels, model, learn }: PipelineConfig): Promise<string> {
  const options = { ...(channels && { channels }), ...(model && { model }), ...(learn && { learn }) }
  return (await runToFile({ ...options, source: { kind: 'log', path: recording } })).output
}

/** Every line of a recording; each file has to be whole. */
function recorded(directory: string): { readonly n: number; readonly arrival?: string }[] {
  const files = readdirSync(directory).filter(name => name.startsWith('recording-'))
  return files.flatMap(name => {
    const bytes = readFileSync(`${directory}/${name}`)
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
    expect(text.endsWith('}\n')).toBe(true)
    return text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
  })
}

it('CSV with a named time column, recorded while it is learned or beforehand, is replayed byte for byte and verified', async () => {
  const config = {
    ...SMALL,
    source: { kind: 'log', path: 'room.csv', csv: { time: 'measured', zone: '+01:00', decimal: ',', key: 'room' } },
    channels: ['damp', 'warm'],
    sinks: [OUTPUT],
    record: { directory: 'recording', rotate: 3000 },
    checkpoint: { directory: 'state' },
  } satisfies PipelineConfig
  const cwd = place(config)
  const row = (i: number) => {
    const time = new Date(1_764_000_000_000 + i * 61_000).toISOString().slice(0, 19).replace('T', ' ')
    const value = (x: number) => (i % 7 === 3 ? '' : x.toFixed(3).replace('.', ','))
    return `${i % 2 === 0 ? 'hall' : 'lab'};${(20 + Math.sin(i / 4)).toFixed(2).replace('.', ',')};${time};${value(Math.cos(i / 4))};note\n`
  }
  writeFileSync(
    `${cwd}/room.csv`,
    `room;warm;measured;damp;remark\n${Array.from({ length: 60 }, (_, i) => row(i)).join('')}`,
  )
  expect(await contraflow(['run', '-q'], { cwd })).toMatchObject({ code: 0, stderr: '' })
  const live = read(`${cwd}/live.ndjson`)
  expect(live.split('\n')).toHaveLength(61)
  expect(await replay(cwd)).toBe(live)
  const verified = await verifyCheckpoint(`${cwd}/recording`, `${cwd}/state`, config)
  expect(verified).toMatchObject({ same: true, observations: 60, missing: [] })
  const record = { directory: `${cwd}/beforehand` }
  await recordSource({ ...config, source: { ...config.source, path: `${cwd}/room.csv` }, record })
  expect(await relearned(record.directory, config)).toBe(live)
}, 30_000)

it('a followed directory whose log is rotated is replayed byte for byte; by another learner, what the clock has decided stays', async () => {
  const config = {
    ...SMALL,
    source: { kind: 'log', path: 'logs', follow: true, poll: 0.01 },
    channels: ['sine', 'cosine'],
    learn: { ...SMALL.learn, allowedLateness: 5, idle: 0.1 },
    sinks: [OUTPUT, { kind: 'ndjson', path: '-' }],
    record: { directory: 'recording' },
  } satisfies PipelineConfig
  const cwd = place(config)
  const log = `${cwd}/logs/app.log`
  const line = (t: number) => `${JSON.stringify({ t, y: [Math.sin(t / 3), Math.cos(t / 3)] })}\n`
  const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(from + i)).join('')
  mkdirSync(`${cwd}/logs`)
  writeFileSync(log, lines(0, 12))
  const child = startContraflow(['run', '-q'], { cwd })
  // Held, until the silence has lasted.
  await child.says('stdout', /"t":11,/)
  // It would be in order if nothing had been let go; the rest of it comes when the file has another name.
  appendFileSync(log, line(8.5) + lines(20, 26))
  renameSync(log, `${log}.1`)
  appendFileSync(`${log}.1`, lines(26, 32))
  writeFileSync(log, lines(32, 40))
  await child.says('stdout', /"t":39,/)
  child.process.kill('SIGTERM')
  expect(await child.finished).toMatchObject({ code: 0, stderr: '' })
  const live = read(`${cwd}/live.ndjson`)
  expect(await relearned(`${cwd}/recording`, config)).toBe(live)
  expect(recorded(`${cwd}/recording`).filter(({ arrival }) => arrival === 'idle').length).toBeGreaterThan(0)

  const other = { ...config, learn: { ...config.learn, seed: 9, window: 6, idle: 3600 }, solver: { method: 'dopri5' } }
  writeFileSync(`${cwd}/other.yaml`, JSON.stringify(other))
  const changed = await replay(cwd, 'other.yaml')
  expect(changed).not.toBe(live)
  const decided = (path: string) => readJson<Estimate>(`${cwd}/${path}`).map(({ t, revision }) => [t, revision])
  expect(decided('again.ndjson')).toEqual(decided('live.ndjson'))
  expect(decided('live.ndjson')).toContainEqual([8.5, 'late'])
}, 30_000)

it('F52: ended by SIGTERM in the midst of a flood, a recording is whole, with what was learned and nothing else', async () => {
  const sinks = [OUTPUT, { kind: 'ndjson', path: '-' } as const]
  const cwd = place({ ...SMALL, sinks, record: { directory: 'recording', rotate: 20_000 } })
  const flood = (child: ReturnType<typeof startContraflow>) => {
    let t = 0
    const { stdin } = child.process
    const write = () => {
      while (stdin.writable && stdin.write(`${JSON.stringify({ t: ++t, y: [Math.sin(t / 5)] })}\n`));
    }
    stdin.on('drain', write)
    write()
  }
  const child = startContraflow(['run', '--json'], { cwd })
  flood(child)
  await child.says('stdout', /"t":400,/)
  child.process.kill('SIGTERM')
  const { code, stderr } = await child.finished
  expect(code).toBe(0)
  const { received, estimates } = JSON.parse(stderr.trimEnd().split('\n').at(-1)!)
  expect(received).toBeGreaterThanOrEqual(400)
  expect(recorded(`${cwd}/recording`).map(({ n }) => n)).toEqual(Array.from({ length: received }, (_, i) => i + 1))
  const live = read(`${cwd}/live.ndjson`)
  expect(live.split('\n')).toHaveLength(estimates + 1)
  expect(await relearned(`${cwd}/recording`, SMALL)).toBe(live)

  const recording = startContraflow(['record', '-q', '--json', '-d', 'alone'], { cwd })
  flood(recording)
  // Nothing is said on its way: a file that is there has been written to.
  while (!readdirSync(cwd).includes('alone') || !readdirSync(`${cwd}/alone`).some(name => name.endsWith('.ndjson')))
    await new Promise(resolve => setImmediate(resolve))
  recording.process.kill('SIGTERM')
  const ended = await recording.finished
  expect(ended.code).toBe(0)
  const summary = JSON.parse(ended.stderr.trimEnd().split('\n').at(-1)!)
  expect(summary).toMatchObject({ lost: 0, deadLetters: 0 })
  expect(recorded(`${cwd}/alone`)).toHaveLength(summary.recorded)
}, 30_000)
