import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Valve } from '../../../streams/overflow/valve.js'
import { type NdjsonSinkOptions, ndjsonSink } from '../../../streams/sinks/ndjson.js'
import { VirtualClock } from '../../support/clock.js'
import { FailingFiles } from '../../support/failing-files.js'
import { fillUnderOutput } from '../../support/storage/full-disk.js'
import { temporaryDirectory, temporaryFile } from '../../support/temporary.js'

async function openSink(options: NdjsonSinkOptions, files?: FailingFiles, hold?: () => Promise<void>) {
  const valve = new Valve()
  const clock = new VirtualClock()
  const failures: Error[] = []
  const log: string[] = []
  const sink = await ndjsonSink(options, {
    valve,
    clock,
    failed: error => failures.push(error),
    log: line => log.push(line),
    ...(files && { open: files.open }),
    ...(hold && { hold }),
  })
  return { sink, valve, clock, failures, log }
}
const opened = (valve: Valve) => new Promise<void>(resolve => valve.whenOpen(resolve))

/** Descriptors of this process that point to the file. */
const descriptors = (path: string) =>
  readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  }).length

describe('ndjsonSink', () => {
  it('writes one line a message', async () => {
    const path = temporaryFile()
    const { sink, failures } = await openSink({ path })
    for (const line of ['{"a":1}', '{"b":"é€"}', '3']) sink.write(line)
    await sink.close()
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":"é€"}\n3\n')
    expect(failures).toEqual([])
  })

  it.each(['stop', 'drop'] as const)(
    'F71: leaves the file as it is once it is not its own any more (%s)',
    async whenFull => {
      const path = temporaryFile()
      let taken = false
      const hold = async () => {
        if (taken) throw new Error('another run has it')
      }
      const { sink, failures, log } = await openSink({ path, whenFull }, undefined, hold)
      sink.write('1')
      await sink.tail!.sync()
      taken = true
      sink.write('2')
      await sink.close()
      expect(readFileSync(path, 'utf8')).toBe('1\n')
      const said = whenFull === 'stop' ? failures.map(({ message }) => message) : log
      expect(said[0]).toMatch(/another run has it/)
      expect(descriptors(path)).toBe(0)
    },
  )

  it('makes an empty file when nothing comes', async () => {
    const path = temporaryFile()
    const { sink } = await openSink({ path })
    await sink.close()
    expect(readFileSync(path, 'utf8')).toBe('')
  })

  it('writes a file anew unless it is told to append', async () => {
    const path = temporaryFile()
    writeFileSync(path, 'before\n')
    const again = await openSink({ path, append: true })
    again.sink.write('after')
    await again.sink.close()
    expect(readFileSync(path, 'utf8')).toBe('before\nafter\n')
    const anew = await openSink({ path })
    anew.sink.write('new')
    await anew.sink.close()
    expect(readFileSync(path, 'utf8')).toBe('new\n')
  })

  it('closes the valve while the writer lags behind, opens it when it has caught up, and loses nothing', async () => {
    const path = temporaryFile()
    const { sink, valve } = await openSink({ path })
    const lines = Array.from({ length: 3000 }, (_, i) => `{"n":${i},"pad":"${'x'.repeat(100)}"}`)
    let closings = 0
    for (const line of lines) {
      sink.write(line)
      if (valve.open) continue
      closings++
      await opened(valve)
    }
    // More than once a megabyte, less than once a line.
    expect(closings).toBeGreaterThan(2)
    expect(closings).toBeLessThan(lines.length / 10)
    await sink.close()
    expect(readFileSync(path, 'utf8')).toBe(`${lines.join('\n')}\n`)
  })

  it('writes everything before it is closed, however much is waiting', async () => {
    const path = temporaryFile()
    const { sink, valve } = await openSink({ path })
    for (let i = 0; i < 20_000; i++) sink.write(`{"n":${i}}`)
    expect(valve.open).toBe(false)
    await sink.close()
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(20_001)
  })

  it('lets go of the file', async () => {
    const path = temporaryFile()
    const { sink } = await openSink({ path })
    expect(descriptors(path)).toBe(1)
    await sink.close()
    while (descriptors(path) > 0) await turn()
  })

  it('fails with SINK_FAILED where it cannot open the file', async () => {
    const directory = temporaryDirectory()
    mkdirSync(`${directory}/inside`)
    for (const path of [`${directory}/missing/file`, `${directory}/inside`])
      await expect(openSink({ path })).rejects.toMatchObject({ code: 'SINK_FAILED', place: path })
    expect(existsSync(`${directory}/missing`)).toBe(false)
  })

  it('F43: says SINK_FAILED once when the disk is full, and opens the valve so that nobody waits for it', async () => {
    const { sink, valve, failures } = await openSink({ path: '/dev/full' })
    for (let i = 0; i < 1000; i++) sink.write('x'.repeat(100))
    expect(valve.open).toBe(false)
    await opened(valve)
    expect(failures).toEqual([
      expect.objectContaining({ code: 'SINK_FAILED', place: '/dev/full', received: expect.stringContaining('ENOSPC') }),
    ])
    for (let i = 0; i < 1000; i++) sink.write('ignored')
    expect(valve.open).toBe(true)
    await sink.close()
    expect(failures).toHaveLength(1)
  })

  it('F43: notices that the disk is full when it is closed right after the last message', async () => {
    const { sink, failures } = await openSink({ path: '/dev/full' })
    sink.write('{"n":1}')
    await sink.close()
    expect(failures).toEqual([expect.objectContaining({ code: 'SINK_FAILED', place: '/dev/full' })])
  })

  it('F43: told to drop, it goes on while nothing can be written, whichever write it is, and when it can again every line is whole', async () => {
    expect(await fillUnderOutput(5)).toBe(40)
  })

  it('F43: told to drop, it counts what it drops, and never holds anybody up', async () => {
    const path = temporaryFile()
    const files = new FailingFiles({ first: 1, count: 3 })
    const { sink, valve, clock, log } = await openSink({ path, whenFull: 'drop' }, files)
    const line = (n: number) => `{"n":${n},"pad":"${'x'.repeat(100_000)}"}`
    for (let n = 0; n < 30; n++) {
      sink.write(line(n))
      await files.settled()
      expect(valve.open).toBe(true)
    }
    for (let n = 30; n < 34; n++) {
      clock.time += 1000
      sink.write(line(n))
      await files.settled()
    }
    await sink.close()
    const kept = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map(text => (JSON.parse(text) as { n: number }).n)
    const dropped = Number(/(\d+) lines were dropped/.exec(log.at(-1)!)![1])
    expect(kept.length + dropped).toBe(34)
    expect(dropped).toBeGreaterThan(10)
    expect(kept).toEqual([...kept].sort((a, b) => a - b))
  })

  const topicOf = (n: number) => ({ kind: 'estimate', key: `k${n % 3}` }) as const
  it.each([
    ['drop-newest', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['drop-oldest', [20, 21, 22, 23, 24, 25, 26, 27, 28, 29]],
    // Four of the first key were the first to wait, and three of the two others: so many of each stay.
    ['coalesce', [18, 21, 22, 23, 24, 25, 26, 27, 28, 29]],
  ] as const)('F05: faster than the file, by the policy %s it keeps %j', async (policy, kept) => {
    const path = temporaryFile()
    const line = (n: number) => JSON.stringify({ n, pad: 'x'.repeat(n < 10 ? 92 : 91) })
    const { sink, valve } = await openSink({ path, overflow: { policy, bytes: 10 * (line(0).length + 1) } })
    for (let n = 0; n < 30; n++) {
      sink.write(line(n), topicOf(n))
      expect([valve.open, sink.status.waiting <= 10 * (line(0).length + 1)]).toEqual([true, true])
    }
    expect(sink.status).toMatchObject({ policy, dropped: 20 })
    await sink.close()
    const read = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(read.map(text => (JSON.parse(text) as { n: number }).n)).toEqual(kept)
  })

  it('F05: by the policy coalesce the newest of a topic that is seldom stays, however many come of another', async () => {
    const path = temporaryFile()
    const { sink } = await openSink({ path, overflow: { policy: 'coalesce', bytes: 50 } })
    sink.write('{"rare":1}', { kind: 'estimate', key: 'rare' })
    for (let n = 10; n < 99; n++) sink.write(`{"n":${n}}`, { kind: 'estimate', key: 'often' })
    await sink.close()
    const read = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect([read[0], read.at(-1)]).toEqual(['{"rare":1}', '{"n":98}'])
  })

  it('F05, F53: what a checkpoint has counted is never dropped: cut back to it, the file ends in a whole line', async () => {
    for (const policy of ['drop-oldest', 'drop-newest', 'coalesce'] as const) {
      const path = temporaryFile()
      const { sink } = await openSink({ path, overflow: { policy, bytes: 100 } })
      const marks: number[] = []
      for (let n = 0; n < 300; n++) {
        sink.write(JSON.stringify({ n, pad: 'y'.repeat((n * 7) % 13) }), topicOf(n))
        if (n % 11 === 5) marks.push(sink.tail!.position().bytes)
        if (n % 29 === 0) await sink.tail!.sync()
      }
      await sink.close()
      const bytes = readFileSync(path)
      expect(sink.status.dropped).toBeGreaterThan(50)
      for (const mark of marks) expect([policy, mark, bytes[mark - 1]]).toEqual([policy, mark, 10])
    }
  })

  it('F43, F05: on a full disk the policy says what is kept', async () => {
    const path = temporaryFile()
    const files = new FailingFiles({ first: 1, count: 1 })
    const overflow = { policy: 'drop-oldest', bytes: 500 } as const
    const { sink, clock } = await openSink({ path, whenFull: 'drop', overflow }, files)
    sink.write('first')
    await files.settled()
    expect(sink.status.failure).toMatch(/^SINK_FAILED: .*ENOSPC/)
    for (let n = 100; n < 400; n++) sink.write(`${n}`)
    clock.time += 1000
    sink.write('last')
    await files.settled()
    expect(sink.status.failure).toBeUndefined()
    await sink.close()
    const read = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect([read.slice(-2), read.length]).toEqual([['399', 'last'], 302 - sink.status.dropped])
  })

  it('F40: appends after half a line of somebody else on a line of its own', async () => {
    const path = temporaryFile()
    writeFileSync(path, '{"n":1}\n{"n":')
    const { sink } = await openSink({ path, append: true })
    sink.write('{"n":3}')
    await sink.close()
    expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":\n{"n":3}\n')
  })

  it('puts a file aside before it gets too long, keeps so many, and splits no line', async () => {
    const path = temporaryFile()
    const { sink } = await openSink({ path, rotate: { bytes: 100, keep: 3 } })
    const lines = Array.from({ length: 50 }, (_, n) => JSON.stringify({ n, pad: 'x'.repeat(n % 7) }))
    const long = 'y'.repeat(300)
    for (const line of [...lines, long, 'z']) sink.write(line)
    await sink.close()
    const names = readdirSync(dirname(path)).sort()
    expect(names).toEqual(['file.ndjson', 'file.ndjson.1', 'file.ndjson.2', 'file.ndjson.3'])
    const content = (name: string) => readFileSync(join(dirname(path), name), 'utf8')
    // A line that is longer than a file has one to itself.
    expect([content('file.ndjson'), content('file.ndjson.1')]).toEqual(['z\n', `${long}\n`])
    for (const name of names.slice(2)) expect(Buffer.byteLength(content(name))).toBeLessThanOrEqual(100)
    const rest = (content('file.ndjson.3') + content('file.ndjson.2')).trimEnd().split('\n')
    expect(rest).toEqual(lines.slice(-rest.length))
  })

  it('goes on with a file that is there, and rotates it at the right length', async () => {
    const path = temporaryFile()
    writeFileSync(path, `${'a'.repeat(89)}\n`)
    const { sink } = await openSink({ path, append: true, rotate: { bytes: 100 } })
    for (const line of ['123456789', 'b']) sink.write(line)
    await sink.close()
    expect(readFileSync(`${path}.1`, 'utf8')).toBe(`${'a'.repeat(89)}\n123456789\n`)
    expect(readFileSync(path, 'utf8')).toBe('b\n')
  })
})
