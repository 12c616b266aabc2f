import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findProblems } from '../../../src/cli/find-problems.js'
import type { PipelineConfig } from '../../../src/config/pipeline.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { readSegments } from '../../../streams/recorder/read-segments.js'
import { recordSource } from '../../../streams/recorder/record-source.js'
import { HandClock } from '../../support/hand-clock.js'
import { readLines, runToFile, SMALL, writeLog } from '../../support/pipelines.js'
import { startServer } from '../../support/sockets.js'
import { temporaryDirectory } from '../../support/temporary.js'

/** Values by name, in the order that is asked for. */
const named = (from: number, to: number, names: readonly string[] = ['warm', 'damp']) =>
  Array.from({ length: to - from }, (_, i) => {
    const all: Record<string, number> = { warm: Math.sin((from + i) / 4), damp: Math.cos((from + i) / 4) }
    return JSON.stringify({ t: from + i, values: Object.fromEntries(names.map(name => [name, all[name]])) })
  })

async function record(directory: string, lines: readonly string[], more: PipelineConfig = {}): Promise<void> {
  await recordSource({ source: { kind: 'log', path: writeLog(lines) }, record: { directory }, ...more })
}

const replay = (path: string, more: PipelineConfig = {}) => runToFile({ source: { kind: 'log', path }, ...more })
const segments = (directory: string) => readdirSync(directory).filter(name => name !== 'recording.gap')

/** Which records say names. */
async function saying(directory: string, after = 0): Promise<[number, readonly string[]][]> {
  const found: [number, readonly string[]][] = []
  for await (const records of readSegments(directory, after, new AbortController().signal))
    for (const { n, channels } of records) if (channels) found.push([n, channels])
  return found
}

describe('the names of the channels of a recording', () => {
  it('are said once in each file, by the first record for which they are known, wherever it is read from', async () => {
    const directory = `${temporaryDirectory()}/recording`
    await record(directory, ['nonsense', ...named(0, 30)], { record: { directory, rotate: 2000 } })
    expect(segments(directory).length).toBeGreaterThan(1)
    const all = await saying(directory)
    expect(all[0]).toEqual([2, ['warm', 'damp']])
    const firsts = segments(directory).map(name => Number(/\d+/.exec(name)![0]))
    expect(all.slice(1).map(([n]) => n)).toEqual(firsts.slice(1))
    expect((await saying(directory, 3))[0]).toEqual([4, ['warm', 'damp']])
  })

  it('are those of its replay when the pipeline file lists none', async () => {
    const directory = `${temporaryDirectory()}/recording`
    await record(directory, named(0, 20, ['damp', 'warm']))
    const { progress, estimates } = await replay(directory)
    expect({ names: progress.channels, count: estimates.length }).toEqual({ names: ['damp', 'warm'], count: 20 })
    expect(estimates[0]!.observed).toEqual([1, 0])
  })

  it.each([
    ['in another order', ['damp', 'warm']],
    ['with other names', ['warm', 'dump']],
    ['of which there are more', ['warm', 'damp', 'bright']],
  ])('refuse a pipeline that has them %s, before anything is learned', async (_, channels) => {
    const directory = `${temporaryDirectory()}/recording`
    await record(directory, ['nonsense', ...named(0, 20)])
    const sinks = [{ kind: 'ndjson', path: `${temporaryDirectory()}/out.ndjson` }] as const
    const running = runPipeline({ ...SMALL, channels, source: { kind: 'log', path: directory }, sinks: [...sinks] })
    await expect(running).rejects.toMatchObject({
      code: 'RECORDING_MISFIT',
      place: `${directory}, record 2`,
      message: expect.stringContaining(`channels: ["warm","damp"] in the recording, ${JSON.stringify(channels)} now`),
    })
    expect(readFileSync(sinks[0].path, 'utf8')).toBe('')
  })

  it('keep a run with others out before it begins, and with --fresh they do not', async () => {
    const directory = `${temporaryDirectory()}/recording`
    await record(directory, named(0, 5))
    const before = segments(directory)
    const refused = { code: 'RECORDING_MISFIT', place: directory, remedy: expect.stringContaining('--fresh') }
    await expect(record(directory, ['nonsense'], { channels: ['damp', 'warm'] })).rejects.toMatchObject(refused)
    expect(segments(directory)).toEqual(before)
    // `check` foresees it.
    const foreseen = (...channels: string[]) => findProblems({ channels, record: { directory } })
    expect(await foreseen('damp', 'warm')).toMatchObject([refused])
    expect(await foreseen('warm', 'damp')).toEqual([])
    const source = { kind: 'log', path: writeLog(named(5, 10, ['damp', 'warm'])) } as const
    const fresh = { ...SMALL, channels: ['damp', 'warm'], source, record: { directory } }
    const sinks = [{ kind: 'ndjson', path: `${temporaryDirectory()}/out.ndjson` }] as const
    await expect(runPipeline({ ...fresh, sinks: [...sinks] })).rejects.toMatchObject(refused)
    await runPipeline({ ...fresh, sinks: [...sinks] }, { fresh: true })
    expect(await saying(directory)).toEqual([[1, ['damp', 'warm']]])
  })

  it('are those of what is added to it, in whatever order its source names them next, and when one is missing at first', async () => {
    const directory = `${temporaryDirectory()}/recording`
    await record(directory, named(0, 5))
    await record(directory, named(5, 10, ['damp', 'warm']))
    await record(directory, ['{"t":100,"values":{"damp":1}}', ...named(101, 105)])
    const { progress, estimates } = await replay(directory)
    expect({ names: progress.channels, count: estimates.length }).toEqual({ names: ['warm', 'damp'], count: 15 })
    expect(estimates[10]!.observed).toEqual([null, 1])
    const all = { ...SMALL, record: { directory } }
    const sinks = [{ kind: 'ndjson', path: `${temporaryDirectory()}/out.ndjson` }] as const
    await runPipeline({
      ...all,
      source: { kind: 'log', path: writeLog(named(105, 110, ['damp', 'warm'])) },
      sinks: [...sinks],
    })
    expect((await replay(directory)).estimates).toHaveLength(20)
  })

  it('F53: are known to the run that goes on behind kill -9, whatever the order in which its source names them next', async () => {
    let next = 0
    // The sensor was restarted as well, and names its values in another order.
    const { url } = await startServer(socket => {
      for (const line of named(next, next + 12, next === 0 ? ['warm', 'damp'] : ['damp', 'warm'])) socket.send(line)
      next += 12
      socket.close(1000)
    })
    const [cwd, image] = [temporaryDirectory(), temporaryDirectory()]
    const config = (place: string): PipelineConfig => ({
      ...SMALL,
      source: { kind: 'websocket', url, reconnect: false },
      sinks: [{ kind: 'ndjson', path: `${place}/estimates.ndjson` }],
      checkpoint: { directory: `${place}/state`, every: 1000 },
      record: { directory: `${place}/recording` },
    })
    const filter = (path: string) => !/\/(lock|claim)\./.test(path)
    const onEstimate = ({ t }: { readonly t: number }) => {
      // What is on disk now is what a crash would leave.
      if (t === 11) cpSync(cwd, image, { recursive: true, filter })
    }
    await runPipeline(config(cwd), { clock: new HandClock(), onEstimate })
    const again = await runPipeline(config(image), { clock: new HandClock() })
    expect(again.channels).toEqual(['warm', 'damp'])
    const observed = readLines(`${image}/estimates.ndjson`).map(line => JSON.parse(line).observed)
    expect(observed).toEqual(named(0, 24).map(line => Object.values(JSON.parse(line).values)))
  })

  it('are not in recordings of earlier versions: those are read, and only the number of values is compared', async () => {
    const old = `${import.meta.dirname}/without-names`
    const { estimates, progress } = await replay(old, { channels: ['position', 'velocity'] })
    expect(progress.accounting).toMatchObject({ received: 10, dead: 1 })
    expect(estimates.map(({ t }) => t)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect((await replay(old)).output).toBe((await replay(old, { channels: ['position', 'velocity'] })).output)
    await expect(replay(old, { channels: ['position'] })).rejects.toMatchObject({
      code: 'RECORDING_MISFIT',
      received: 'an observation of 2 values',
      place: `${old}, record 2`,
    })
  })

  it('that nobody could have recorded make a damaged file', async () => {
    const directory = temporaryDirectory()
    const lines = [['a'], ['\u001b[2J']].map((channels, i) =>
      JSON.stringify({ n: i + 1, at: 0, channels, key: 'k', t: i, y: [1], position: { message: 1, values: 1 } }),
    )
    writeFileSync(`${directory}/recording-000000000001.ndjson`, lines.map(line => `${line}\n`).join(''))
    await expect(replay(directory)).rejects.toMatchObject({
      code: 'FILE_DAMAGED',
      place: expect.stringMatching(/ndjson:2$/),
    })
  })
})
