import { appendFileSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ContraflowError } from '../../../src/errors.js'
import { encodeCheckpoint } from '../../../src/learn/checkpoint/encode-checkpoint.js'
import { CheckpointDirectory } from '../../../streams/checkpoint/checkpoint-directory.js'
import { DirectoryLock, type DirectoryLockOptions } from '../../../streams/checkpoint/directory-lock.js'
import { type FileSystem, nodeFileSystem } from '../../../streams/files/file-system.js'
import { runPipeline } from '../../../streams/pipeline/pipeline.js'
import { oscillationMessages } from '../../support/observations.js'
import { SMALL, writeLog } from '../../support/pipelines.js'
import { LEASE, NO_NAMESPACES, Rival } from '../../support/rival.js'
import { temporaryDirectory } from '../../support/temporary.js'

const checkpoint = encodeCheckpoint({ identity: null, summary: 1, state: {} })
const names = (directory: string) => readdirSync(directory).sort()
const take = (directory: string, options: DirectoryLockOptions = {}, fs: FileSystem = nodeFileSystem) =>
  DirectoryLock.take(directory, fs, { ...LEASE, ...options })
const takenByAnother = { code: 'STATE_IN_USE', received: expect.stringContaining('another run has taken it') }

/** Removes the lock of the run that holds a directory, as one does that takes it for dead. */
function takeAway(directory: string): void {
  for (const name of names(directory)) if (/^(lock|claim)\./.test(name)) rmSync(`${directory}/${name}`)
}

/** A file of another place, with a name lower than any, that is touched until it is removed. */
function beating(directory: string, kind: 'lock' | 'claim') {
  const file = `${kind}.00000000.1.1.1`
  const path = `${directory}/${file}`
  writeFileSync(path, '')
  const beats = setInterval(() => utimesSync(path, new Date(), new Date()), LEASE.beat)
  onTestFinished(() => clearInterval(beats))
  const stop = () => {
    clearInterval(beats)
    rmSync(path, { force: true })
  }
  return { file, stop }
}

describe('F71: a lock of another host or container', () => {
  it('keeps others out while it gives signs of life, whatever its number', async () => {
    const directory = temporaryDirectory()
    // A process of that number is not there, or is not that one.
    const { file } = beating(directory, 'lock')
    const log: string[] = []
    await expect(take(directory, { log: line => log.push(line) })).rejects.toMatchObject({
      code: 'STATE_IN_USE',
      received: 'a directory that a process on another host or in another container (1 there) uses',
    })
    expect(names(directory)).toEqual([file])
    expect(log).toEqual([expect.stringMatching(/waiting up to 0.4 s for a sign of life/)])
  })

  it('that is only claimed is waited for while it gives signs of life: it may still be made', async () => {
    const directory = temporaryDirectory()
    const { stop } = beating(directory, 'claim')
    const begin = performance.now()
    const patience = () => performance.now() - begin > 2 * LEASE.patience
    let looks = 0
    const list = async (path: string) => {
      looks++
      if (patience()) stop()
      return nodeFileSystem.list(path)
    }
    const lock = await take(directory, {}, { ...nodeFileSystem, list })
    expect(patience()).toBe(true)
    expect(looks).toBeGreaterThan(10)
    await lock.release()
  })

  it('is removed when it gives none for that long, with its claim, and that is said before', async () => {
    const directory = temporaryDirectory()
    for (const kind of ['claim', 'lock']) writeFileSync(`${directory}/${kind}.00000000.1.1.1`, '')
    const log: string[] = []
    const begin = performance.now()
    const lock = await take(directory, { log: line => log.push(line) })
    expect(performance.now() - begin).toBeGreaterThan(LEASE.patience)
    expect(names(directory)).toEqual([
      expect.stringMatching(`^claim\\.\\w{8}\\.${process.pid}\\.`),
      expect.stringMatching(`^lock\\.\\w{8}\\.${process.pid}\\.`),
    ])
    expect(log).toHaveLength(1)
    await lock.release()
    expect(names(directory)).toEqual([])
  })

  it('with real process namespaces: one at a time, also when the first is killed', async context => {
    if (NO_NAMESPACES !== undefined) context.skip(NO_NAMESPACES)
    const directory = temporaryDirectory()
    const [first, second] = [new Rival(directory), new Rival(directory)]
    expect(await first.does('open')).toBe('done')
    const inUse = 'STATE_IN_USE a directory that a process on another host or in another container (1 there) uses'
    expect(await second.does('open')).toBe(inUse)
    await expect(take(directory)).rejects.toMatchObject({ code: 'STATE_IN_USE' })
    first.signal('SIGKILL')
    await first.gone
    expect(await second.does('open')).toBe('done')
    expect(await second.does('write 2')).toBe('done')
    expect(await second.does('close')).toBe('done')
    expect(names(directory)).toEqual(['checkpoint-0000000001.contraflow'])
    second.end()
  })

  it('with real process namespaces: one that stood still writes nothing when it goes on', async context => {
    if (NO_NAMESPACES !== undefined) context.skip(NO_NAMESPACES)
    const directory = temporaryDirectory()
    const rival = new Rival(directory)
    expect(await rival.does('open')).toBe('done')
    expect(await rival.does('write 1')).toBe('done')
    rival.signal('SIGSTOP')
    const opened = await CheckpointDirectory.open({ directory, ...LEASE })
    rival.tell('write 2')
    rival.signal('SIGCONT')
    expect(await rival.answer()).toMatch(/^STATE_IN_USE a directory whose lock is gone: another run has taken it/)
    await opened.write(checkpoint)
    await opened.close()
    expect(names(directory)).toEqual([1, 2].map(n => `checkpoint-000000000${n}.contraflow`))
    expect(readFileSync(`${directory}/checkpoint-0000000002.contraflow`)).toEqual(Buffer.from(checkpoint))
    rival.end()
  })
})

describe('F71: a run that was taken for dead', () => {
  it('is told at its next beat', async () => {
    const directory = temporaryDirectory()
    let lock: DirectoryLock | undefined
    const told = new Promise<ContraflowError>(lost => {
      take(directory, { lost }).then(taken => {
        lock = taken
        takeAway(directory)
      })
    })
    expect(await told).toMatchObject(takenByAnother)
    await expect(lock!.hold()).rejects.toMatchObject(takenByAnother)
    await expect(lock!.renew()).rejects.toMatchObject(takenByAnother)
    await lock!.release()
  })

  it('is told before it believes that it has the directory, when that was while it took it', async () => {
    const directory = temporaryDirectory()
    let looks = 0
    const list = async (path: string) => {
      const listed = await nodeFileSystem.list(path)
      if (++looks === 2) for (const name of listed) if (name.startsWith('claim')) rmSync(`${path}/${name}`)
      return listed
    }
    await expect(take(directory, { beat: 60_000 }, { ...nodeFileSystem, list })).rejects.toMatchObject(takenByAnother)
    expect(names(directory)).toEqual([])
  })

  it('asks the file system only when it might have been', async () => {
    const directory = temporaryDirectory()
    let touched = 0
    const touch = (path: string) => {
      touched++
      return nodeFileSystem.touch(path)
    }
    const patient = await take(directory, { beat: 60_000, patience: 60_000 }, { ...nodeFileSystem, touch })
    const before = touched
    await patient.hold()
    expect(touched).toBe(before)
    await patient.release()
    const anxious = await take(directory, { beat: 60_000, patience: 0 }, { ...nodeFileSystem, touch })
    takeAway(directory)
    await expect(anxious.hold()).rejects.toMatchObject(takenByAnother)
    await anxious.release()
  })

  it('adds no checkpoint, neither before it begins nor with the last one half written', async () => {
    const directory = temporaryDirectory()
    const before = await CheckpointDirectory.open({ directory })
    takeAway(directory)
    await expect(before.write(checkpoint)).rejects.toMatchObject(takenByAnother)
    await expect(before.write(checkpoint)).rejects.toMatchObject(takenByAnother)
    await before.close()
    expect(names(directory)).toEqual([])

    const open: FileSystem['open'] = async (path, flags) => {
      const file = await nodeFileSystem.open(path, flags)
      if (path.endsWith('.tmp')) takeAway(directory)
      return file
    }
    const meanwhile = await CheckpointDirectory.open({ directory, fs: { ...nodeFileSystem, open } })
    await expect(meanwhile.write(checkpoint)).rejects.toMatchObject(takenByAnother)
    await meanwhile.close()
    expect(names(directory)).toEqual([])
  })

  it('ends, and says why; its checkpoints stay as they were', async () => {
    const directory = temporaryDirectory()
    const [path, state, output] = [writeLog(oscillationMessages(60)), `${directory}/state`, `${directory}/out.ndjson`]
    let stateThen: string[] = []
    const running = runPipeline(
      {
        ...SMALL,
        source: { kind: 'log', path, follow: true, poll: 0.01 },
        sinks: [{ kind: 'ndjson', path: output }],
        checkpoint: { directory: state, every: 0.02 },
      },
      {
        onEstimate: (_, { estimates }) => {
          if (estimates !== 60) return
          takeAway(state)
          stateThen = names(state).filter(name => name.startsWith('checkpoint'))
          appendFileSync(path, `${JSON.stringify({ t: 61, y: [1] })}\n`)
        },
      },
    )
    await expect(running).rejects.toMatchObject({ ...takenByAnother, place: state })
    expect(names(state)).toEqual(stateThen)
  })
})
