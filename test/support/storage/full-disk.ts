import { readFileSync, rmSync, writeSync } from 'node:fs'
import { expect } from 'vitest'
import { Valve } from '../../../streams/overflow/valve.js'
import { readSegments } from '../../../streams/recorder/read-segments.js'
import { Recorder } from '../../../streams/recorder/recorder.js'
import { ndjsonSink } from '../../../streams/sinks/ndjson.js'
import { VirtualClock } from '../clock.js'
import { FailingFiles } from '../failing-files.js'
import { temporaryDirectory, temporaryFile } from '../temporary.js'

const LINES = Array.from({ length: 40 }, (_, n) => JSON.stringify({ n, pad: 'x'.repeat(n) }))

/**
 * An output file told to drop, on a disk that is full: every write in turn is the first that fails, after half of it, then
 * `count` in all. The first failure is told at once; when there is space again all lines are there, once, in order, and that is told too.
 * @returns For how many first writes.
 */
export async function fillUnderOutput(count: number): Promise<number> {
  for (let first = 1; first <= LINES.length; first++) {
    const path = temporaryFile()
    const files = new FailingFiles({ first, count })
    const [valve, clock, failures, log] = [new Valve(), new VirtualClock(), [] as Error[], [] as string[]]
    const sink = await ndjsonSink(
      { path, whenFull: 'drop' },
      { valve, clock, failed: error => failures.push(error), log: line => log.push(line), open: files.open },
    )
    for (const line of LINES) {
      sink.write(line)
      await files.settled()
      clock.time += 1000
      expect(valve.open).toBe(true)
    }
    await sink.close()
    expect(failures).toEqual([])
    const read = readFileSync(path, 'utf8')
    // Little was waiting, so nothing was dropped: all is there, except when the disk was full to the end.
    expect(log[0]).toMatch(/ENOSPC.*; lines wait until it can be written$/)
    const recovered = log.some(line => line.endsWith('written again; 0 lines were dropped'))
    if (recovered) expect(read).toBe(`${LINES.join('\n')}\n`)
    else expect(LINES.join('\n').startsWith(read.trimEnd())).toBe(true)
    expect([first, recovered]).toEqual([first, first <= LINES.length - count + 1])
    rmSync(path)
  }
  return LINES.length
}

/**
 * A recording on a disk that is full, from the write of one record to that of another, each of which is written by half: of
 * `records` all others are in it, the gap is told once, and when there is space again it goes on.
 * @returns How many pairs of records were tried.
 */
export async function fillUnderRecording(records: number): Promise<number> {
  let tried = 0
  for (let first = 1; first < records; first++)
    for (let last = first; last < records; last++, tried++) {
      const directory = temporaryDirectory()
      let full = false
      const write = ((fd: number, buffer: Buffer, offset: number, length: number, position: number) => {
        if (!full) return writeSync(fd, buffer, offset, length, position)
        writeSync(fd, buffer, offset, length >> 1, position)
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      }) as typeof writeSync
      const logs: string[] = []
      const clock = new VirtualClock()
      const recorder = await Recorder.open({ directory, clock, log: line => logs.push(line), write, fsync: 'never' })
      for (let n = 1; n <= records; n++) {
        full = n >= first && n <= last
        const value = { key: 'a', t: n / 3, y: Float64Array.of(Math.sin(n), Number.NaN) }
        recorder.record({ value, position: { message: n, values: 1 } })
      }
      expect(recorder.lost).toBe(last - first + 1)
      await recorder.close()
      expect(logs, `${first} to ${last}`).toEqual([
        expect.stringMatching(/^RECORDING_FAILED: .*received ENOSPC.*Check the path, the space left/),
        expect.stringContaining(`recording again; ${last - first + 1} observations are not in it`),
      ])
      const [gaps, numbers]: [number[][], number[]] = [[], []]
      const skipped = (from: number, to: number) => gaps.push([from, to])
      for await (const some of readSegments(directory, 0, new AbortController().signal, skipped))
        numbers.push(...some.map(({ n }) => n))
      const kept = Array.from({ length: records }, (_, i) => i + 1).filter(n => n < first || n > last)
      expect({ numbers, gaps }).toEqual({ numbers: kept, gaps: [[first, last]] })
      rmSync(directory, { recursive: true })
    }
  return tried
}
