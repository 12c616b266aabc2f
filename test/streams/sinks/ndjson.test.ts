import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type NdjsonSinkOptions, ndjsonSink } from '../../../streams/sinks/ndjson.js'
import { Valve } from '../../../streams/valve.js'
import { temporaryDirectory, temporaryFile } from '../../support/temporary.js'

async function openSink(options: NdjsonSinkOptions) {
  const valve = new Valve()
  const failures: Error[] = []
  const sink = await ndjsonSink(options, valve, error => failures.push(error))
  return { sink, valve, failures }
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

  it('says SINK_FAILED once when the disk is full, and opens the valve so that nobody waits for it', async () => {
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

  it('notices that the disk is full when it is closed right after the last message', async () => {
    const { sink, failures } = await openSink({ path: '/dev/full' })
    sink.write('{"n":1}')
    await sink.close()
    expect(failures).toEqual([expect.objectContaining({ code: 'SINK_FAILED', place: '/dev/full' })])
  })
})
