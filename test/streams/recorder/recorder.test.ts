import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../../src/observation.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { readSegments } from '../../../streams/recorder/read-segments.js'
import { fromRecordLine, type RecordedDelivery, toRecordLine } from '../../../streams/recorder/record-line.js'
import { recordSource } from '../../../streams/recorder/record-source.js'
import { Recorder, type RecorderOptions } from '../../../streams/recorder/recorder.js'
import { VirtualClock } from '../../support/clock.js'
import { oscillationMessages } from '../../support/observations.js'
import { SMALL, writeLog } from '../../support/pipelines.js'
import { fillUnderRecording } from '../../support/storage/full-disk.js'
import { temporaryDirectory } from '../../support/temporary.js'

const observation = (n: number): Observation => ({ key: 'a', t: n / 3, y: Float64Array.of(Math.sin(n), Number.NaN) })
const entry = (n: number) => ({ value: observation(n), position: { message: n, values: 1 } })

/** Removes the lock of a directory, as another run does that takes its holder for dead. */
function takeAway(directory: string): void {
  for (const name of readdirSync(directory)) if (/^(lock|claim)\./.test(name)) rmSync(`${directory}/${name}`)
}

const segmentsIn = (directory: string) => readdirSync(directory).filter(name => name !== 'recording.gap')

async function open(directory: string, more: Partial<RecorderOptions> = {}) {
  const logs: string[] = []
  const recorder = await Recorder.open({ directory, clock: new VirtualClock(), log: line => logs.push(line), ...more })
  return { recorder, logs }
}

async function read(directory: string, after = 0): Promise<RecordedDelivery[]> {
  const all: RecordedDelivery[] = []
  for await (const records of readSegments(directory, after, new AbortController().signal)) all.push(...records)
  return all
}

async function record(directory: string, count: number, more: Partial<RecorderOptions> = {}) {
  const { recorder, logs } = await open(directory, more)
  for (let i = 0; i < count; i++) recorder.record(entry(recorder.last + 1))
  await recorder.close()
  return logs
}

describe('a line of a recording', () => {
  it('keeps every bit and every field', () => {
    const special: Observation = {
      key: 'é',
      t: 1423666080.1234567,
      y: Float64Array.of(0.1 + 0.2, Number.NaN, 5e-324, 1e300),
      id: 'x',
      sequence: 7,
      revision: 'correct',
    }
    const position = { message: 3, values: 2, sequence: 'abc' }
    const record = { n: 12, at: 1764000000.25, value: special, position }
    expect(fromRecordLine(toRecordLine(record))).toEqual(record)
  })

  it.each(['', '{', '[]', '{"n":1}', '{"n":0,"at":1,"key":"a","t":1,"y":[],"position":{}}'])('is not %s', text => {
    expect(fromRecordLine(text)).toBeUndefined()
  })
})

describe('Recorder', () => {
  it('has written an observation when it returns', async () => {
    const directory = temporaryDirectory()
    const { recorder } = await open(directory)
    expect(recorder.record(entry(1))).toBe(1)
    const [file] = readdirSync(directory).filter(name => name.startsWith('recording'))
    expect(fromRecordLine(readFileSync(`${directory}/${file}`, 'utf8').trimEnd())).toMatchObject({ n: 1, ...entry(1) })
    await recorder.close()
  })

  it('goes on with the next number, in zipped files that are read in order', async () => {
    const directory = temporaryDirectory()
    await record(directory, 3)
    await record(directory, 40, { rotate: 1000 })
    const names = segmentsIn(directory)
    expect(names.length).toBeGreaterThan(4)
    expect(names.every(name => /^recording-\d{12}\.ndjson\.gz$/.test(name))).toBe(true)
    const records = await read(directory)
    expect(records.map(({ n }) => n)).toEqual(Array.from({ length: 43 }, (_, i) => i + 1))
    expect(records.map(({ value }) => (value as Observation).t)).toEqual(records.map(({ n }) => n / 3))
    expect((await read(directory, 20))[0]).toMatchObject({ n: 21 })
    expect(
      gunzipSync(readFileSync(`${directory}/${names[0]}`))
        .toString()
        .split('\n'),
    ).toHaveLength(4)
  })

  it('F40: cuts a torn line off, at whatever byte, and goes on behind the last whole record', async () => {
    const whole = [1, 2, 3].map(n => `${toRecordLine({ n, at: 0, ...entry(n) })}\n`)
    const bytes = Buffer.from(whole.join(''))
    for (let length = 1; length <= bytes.length; length++) {
      const directory = temporaryDirectory()
      writeFileSync(`${directory}/recording-000000000001.ndjson`, bytes.subarray(0, length))
      const complete = bytes.subarray(0, length).toString().split('\n').length - 1
      const logs = await record(directory, 1)
      expect((await read(directory)).map(({ n }) => n)).toEqual(Array.from({ length: complete + 1 }, (_, i) => i + 1))
      const torn = length > whole.slice(0, complete).join('').length
      expect(logs.filter(line => line.includes('a torn record'))).toHaveLength(torn ? 1 : 0)
    }
  })

  it('F43: has a gap while the disk is full, whichever record it begins and ends with, tells of it once, and goes on when there is space again', async () => {
    expect(await fillUnderRecording(7)).toBe(21)
  })

  it('F43: leaves nothing of a long record that was torn behind a short one', async () => {
    const directory = temporaryDirectory()
    const write = ((fd: number, buffer: Buffer, offset: number, length: number, position: number) => {
      if (length < 1000) return writeSync(fd, buffer, offset, length, position)
      writeSync(fd, buffer, offset, length - 1, position)
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    }) as typeof writeSync
    const { recorder } = await open(directory, { write, zip: false })
    const value = { key: 'k'.repeat(2000), t: 1, y: Float64Array.of(1) }
    recorder.record({ value, position: { message: 1, values: 1 } })
    recorder.record(entry(2))
    await recorder.close()
    const [segment] = segmentsIn(directory)
    expect(readFileSync(`${directory}/${segment}`, 'utf8')).toMatch(/^\{"n":2,[^\n]*\n$/)
  })

  it('F42: gives what comes before the damage, and then says where it is', async () => {
    const directory = temporaryDirectory()
    await record(directory, 5)
    const [name] = segmentsIn(directory)
    truncateSync(`${directory}/${name}`, readFileSync(`${directory}/${name}`).length - 12)
    await expect(read(directory)).rejects.toMatchObject({ code: 'FILE_DAMAGED', place: `${directory}/${name}` })
    const other = temporaryDirectory()
    writeFileSync(`${other}/recording-000000000001.ndjson`, `${toRecordLine({ n: 1, at: 0, ...entry(1) })}\nnonsense\n`)
    await expect(read(other)).rejects.toMatchObject({ code: 'FILE_DAMAGED', place: expect.stringMatching(/:2$/) })
  })

  it('F71: writes nothing more when another run has taken its directory', async () => {
    const directory = temporaryDirectory()
    const lost: string[] = []
    const { recorder } = await open(directory, { patience: 0, lost: ({ code }) => lost.push(code) })
    recorder.record(entry(1))
    const path = `${directory}/recording-000000000001.ndjson`
    const [then] = [readFileSync(path), takeAway(directory)]
    recorder.record(entry(2))
    recorder.record(entry(3))
    expect(recorder).toMatchObject({ lost: 2, failure: { code: 'RECORDING_FAILED' } })
    await recorder.close()
    expect(lost).toEqual(['STATE_IN_USE'])
    expect(segmentsIn(directory)).toEqual(['recording-000000000001.ndjson'])
    expect(readFileSync(path)).toEqual(then)
  })

  it('F71: ends the run, and a command that only records, when another run has taken its directory', async () => {
    const path = writeLog([...oscillationMessages(3), 'nonsense'])
    const base = temporaryDirectory()
    const config = (name: string) =>
      ({ ...SMALL, source: { kind: 'log', path, follow: true }, record: { directory: `${base}/${name}` } }) as const
    const recording = recordSource(config('record'), { onDeadLetter: () => takeAway(`${base}/record`) })
    const running = runPipeline(
      { ...config('run'), sinks: [{ kind: 'ndjson', path: `${base}/out` }] },
      { onDeadLetter: () => takeAway(`${base}/run`) },
    )
    const ends = await Promise.allSettled([recording, running])
    expect(ends).toMatchObject(
      ['record', 'run'].map(name => ({ reason: { code: 'STATE_IN_USE', place: `${base}/${name}` } })),
    )
  })

  it('keeps a second recorder out, and cleans up what a crash has left', async () => {
    const directory = temporaryDirectory()
    const { recorder } = await open(directory)
    await expect(open(directory)).rejects.toMatchObject({ code: 'STATE_IN_USE' })
    recorder.record(entry(1))
    await recorder.close()
    // Killed while zipping, and just before the plain file was removed.
    appendFileSync(`${directory}/recording-000000000001.ndjson`, 'half a copy')
    writeFileSync(`${directory}/recording-000000000002.ndjson.gz.tmp`, 'half')
    await record(directory, 1)
    expect(segmentsIn(directory)).toEqual(['recording-000000000001.ndjson.gz', 'recording-000000000002.ndjson.gz'])
    expect((await read(directory)).map(({ n }) => n)).toEqual([1, 2])
  })

  it('says what to do when the directory cannot be made', async () => {
    const directory = temporaryDirectory()
    writeFileSync(`${directory}/file`, '')
    await expect(open(`${directory}/file/deeper`)).rejects.toMatchObject({ code: 'RECORDING_FAILED' })
  })

  it.each(['always', 'never', 0.5] as const)('writes the same with fsync: %s', async fsync => {
    const directory = temporaryDirectory()
    await record(directory, 10, { fsync })
    expect(await read(directory)).toHaveLength(10)
  })
})
