import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ContraflowError } from '../../../src/errors.js'
import { encodeCheckpoint } from '../../../src/learn/checkpoint/encode-checkpoint.js'
import { CheckpointDirectory } from '../../../streams/checkpoint/checkpoint-directory.js'
import { DirectoryLock, type DirectoryLockOptions } from '../../../streams/checkpoint/directory-lock.js'
import { type FileSystem, nodeFileSystem } from '../../../streams/files/file-system.js'
import { readSegments } from '../../../streams/recorder/read-segments.js'
import { Recorder, type RecorderOptions } from '../../../streams/recorder/recorder.js'
import { VirtualClock } from '../../support/clock.js'
import { LEASE } from '../../support/rival.js'
import { temporaryDirectory } from '../../support/temporary.js'

const checkpoint = encodeCheckpoint({ identity: null, summary: 1, state: {} })
const names = (directory: string) => readdirSync(directory).sort()
const remove = (directory: string) => rmSync(directory, { recursive: true })

/** A call that somebody waits for. */
function call<T>() {
  let heard!: (value: T) => void
  const made = new Promise<T>(resolve => {
    heard = resolve
  })
  return { heard, made }
}

/** A lock that is looked after in a directory below one of the test's own, and what becomes of it. */
async function locked(options: DirectoryLockOptions = {}, fs: Partial<FileSystem> = {}) {
  const above = temporaryDirectory()
  const directory = `${above}/state`
  mkdirSync(directory)
  const restored = call<void>()
  const lost = call<ContraflowError>()
  const lock = await DirectoryLock.take(
    directory,
    { ...nodeFileSystem, ...fs },
    {
      ...LEASE,
      restored: restored.heard,
      lost: lost.heard,
      ...options,
    },
  )
  return { above, directory, lock, restored: restored.made, lost: lost.made }
}

describe('F71: a directory that is removed while a run uses it', () => {
  it('is made anew at the next beat, and keeps others out as before', async () => {
    const { directory, lock, restored } = await locked()
    const before = names(directory)
    remove(directory)
    await restored
    await lock.hold()
    expect(names(directory)).toEqual(before)
    await expect(DirectoryLock.take(directory, nodeFileSystem, LEASE)).rejects.toMatchObject({ code: 'STATE_IN_USE' })
    // As often as it is removed.
    remove(directory)
    await lock.renew()
    expect(names(directory)).toEqual(before)
    await lock.release()
    expect(names(directory)).toEqual([])
  })

  it.each([
    ['before that is noticed', false],
    ['just when it is made anew', true],
  ])('is left to another run that gets it %s', async (_, isLate) => {
    let other: CheckpointDirectory | undefined
    const makeDirectory = async (directory: string) => {
      await nodeFileSystem.makeDirectory(directory)
      other = await CheckpointDirectory.open({ directory })
    }
    const { directory, lock, lost } = await locked({ beat: 60_000 }, { makeDirectory })
    remove(directory)
    if (!isLate) await makeDirectory(directory)
    await expect(lock.renew()).rejects.toMatchObject({ code: 'STATE_IN_USE', place: directory })
    expect(await lost).toMatchObject({ code: 'STATE_IN_USE' })
    await lock.release()
    expect(names(directory).map(name => name.split('.')[0])).toEqual(['claim', 'lock'])
    await other!.write(checkpoint)
    await other!.close()
  })

  it('ends the run, with what has happened and why it stays so, when it cannot be made for so long that others may have it', async () => {
    const { above, lock, directory, lost } = await locked()
    remove(above)
    const error = await lost
    expect(error.message).toBe(
      `STATE_GONE: ${directory}: received a directory that was removed, and cannot be made anew: ${above} is gone, too; ` +
        'expected a directory that stays where it is while a run uses it. See that it can be made, or put it back, and start the run ' +
        'again: it goes on from the newest checkpoint in it, and without one anew.',
    )
    await expect(lock.hold()).rejects.toBe(error)
    expect(() => lock.holdSync()).toThrow(error)
    mkdirSync(above)
    await expect(lock.renew()).rejects.toBe(error)
    expect(names(above)).toEqual([])
    await lock.release()
  })

  it('is not made anew by one that did not answer: others may have had it in between', async () => {
    for (const look of ['renew', 'holdSync'] as const) {
      const { directory, lock } = await locked({ beat: 60_000, patience: 0 })
      remove(directory)
      await expect(async () => lock[look]()).rejects.toMatchObject({ code: 'STATE_GONE' })
      expect(lock.lost).toMatchObject({ code: 'STATE_GONE', received: 'a directory that was removed' })
      await lock.release()
    }
  })

  it('is waited for by those who only look before they write, as long as nobody else can have it', async () => {
    const { directory, lock, restored } = await locked({ beat: 60_000, patience: 10_000 })
    remove(directory)
    const now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 6000)
    onTestFinished(() => clock.mockRestore())
    lock.holdSync()
    lock.holdSync()
    expect(lock.lost).toBeUndefined()
    await lock.hold()
    await restored
    clock.mockReturnValue(now + 30_000)
    remove(directory)
    expect(() => lock.holdSync()).toThrow(expect.objectContaining({ code: 'STATE_GONE' }))
    await lock.release()
  })

  it('gets the next checkpoint under the next number', async () => {
    const directory = `${temporaryDirectory()}/state`
    const opened = await CheckpointDirectory.open({ directory })
    await opened.write(checkpoint)
    await opened.write(checkpoint)
    remove(directory)
    expect(await opened.write(checkpoint)).toBe(`${directory}/checkpoint-0000000003.contraflow`)
    await opened.close()
    expect(names(directory)).toEqual(['checkpoint-0000000003.contraflow'])
  })
})

describe('F43: the directory of a recording that is removed while it is recorded', () => {
  const entry = (n: number) => ({
    value: { key: 'k', t: n, y: Float64Array.of(n) },
    position: { message: n, values: 1 },
  })
  async function read(directory: string) {
    const missing: number[] = []
    const found: number[] = []
    for await (const records of readSegments(directory, 0, new AbortController().signal, (a, b) => missing.push(a, b)))
      found.push(...records.map(({ n }) => n))
    return { found, missing }
  }
  async function open(more: Partial<RecorderOptions> = {}) {
    const directory = `${temporaryDirectory()}/recording`
    const said = call<string>()
    const recorder = await Recorder.open({ directory, clock: new VirtualClock(), log: said.heard, ...LEASE, ...more })
    return { directory, recorder, said: said.made }
  }

  it('is made anew with the records of the file that is being written, those that came meanwhile among them', async () => {
    // Each record would have a file of its own.
    const { directory, recorder, said } = await open({ channels: () => ['level'], rotate: 1, zip: false })
    for (let n = 1; n <= 3; n++) recorder.record(entry(n))
    remove(directory)
    recorder.record(entry(4))
    expect(await said).toBe(
      `${directory} was removed while this run used it: it is made anew, with the records of the file that is being written`,
    )
    recorder.record(entry(5))
    await recorder.close()
    expect(recorder).toMatchObject({ lost: 0, failure: undefined })
    expect(await read(directory)).toEqual({ found: [3, 4, 5], missing: [1, 2] })
  })

  it('is made anew at the latest when the recording ends', async () => {
    const { directory, recorder } = await open({ beat: 60_000 })
    recorder.record(entry(1))
    remove(directory)
    recorder.record(entry(2))
    await recorder.close()
    expect(await read(directory)).toEqual({ found: [1, 2], missing: [] })
  })

  it('is made anew with the note of the gap that it is in', async () => {
    const full = () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    }
    const { directory, recorder } = await open({ beat: 60_000, write: full })
    recorder.record(entry(1))
    recorder.record(entry(2))
    remove(directory)
    await recorder.close()
    expect(await read(directory)).toEqual({ found: [], missing: [1, 2] })
  })
})
