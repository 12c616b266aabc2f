import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeCheckpoint } from '../../../src/learn/checkpoint/encode-checkpoint.js'
import { CheckpointDirectory } from '../../../streams/checkpoint/checkpoint-directory.js'
import { LOCK_PLACE } from '../../../streams/checkpoint/lock-place.js'
import { nodeFileSystem } from '../../../streams/files/file-system.js'
import { Child, ROOT } from '../../support/cli.js'
import { FAULTS, FaultyFileSystem } from '../../support/faulty-file-system.js'
import { temporaryDirectory } from '../../support/temporary.js'

const checkpoint = (n: number) =>
  encodeCheckpoint({ identity: null, summary: n, state: { parameters: new Float64Array(40).fill(n) } })
const names = (directory: string) => readdirSync(directory).sort()
const locks = (directory: string) => names(directory).filter(name => /^(claim|lock)\./.test(name))
const ignored = () => {}
/** Takes and releases the lock of a directory as it is told on standard input. */
const CONTENDER = `
import { createInterface } from 'node:readline'
import { DirectoryLock } from '${ROOT}dist/streams/checkpoint/directory-lock.js'
import { nodeFileSystem } from '${ROOT}dist/streams/files/file-system.js'
let [round, lock] = [0]
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'take') {
    lock = await DirectoryLock.take(process.argv[1], nodeFileSystem).catch(() => undefined)
    console.log(++round + (lock ? ' won' : ' lost'))
  } else {
    await lock?.release()
    console.log(round + ' free')
  }
}`

async function newest(directory: string): Promise<number | undefined> {
  const opened = await CheckpointDirectory.open({ directory })
  const found = await opened.newest(ignored)
  await opened.close()
  return found?.checkpoint.summary as number | undefined
}

async function write(directory: string, ...values: number[]): Promise<void> {
  const opened = await CheckpointDirectory.open({ directory })
  for (const n of values) await opened.write(checkpoint(n))
  await opened.close()
}

/** The number of a process that has ended. */
const gone = spawnSync(process.execPath, ['-e', '']).pid

describe('CheckpointDirectory', () => {
  it('has nothing at first, then the newest', async () => {
    const directory = `${temporaryDirectory()}/a/b`
    expect(await newest(directory)).toBeUndefined()
    await write(directory, 1)
    expect(await newest(directory)).toBe(1)
    await write(directory, 2, 3)
    expect(await newest(directory)).toBe(3)
  })

  it('keeps the last few, by default three', async () => {
    const directory = temporaryDirectory()
    await write(directory, 1, 2, 3, 4, 5)
    expect(names(directory)).toEqual([3, 4, 5].map(n => `checkpoint-000000000${n}.contraflow`))
    const one = await CheckpointDirectory.open({ directory, keep: 1 })
    await one.write(checkpoint(6))
    await one.close()
    expect(names(directory)).toEqual(['checkpoint-0000000006.contraflow'])
  })

  it('S14: is for its owner only', async () => {
    const directory = `${temporaryDirectory()}/state`
    await write(directory, 1)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    expect(statSync(`${directory}/checkpoint-0000000001.contraflow`).mode & 0o777).toBe(0o600)
  })

  it('F44, F47: goes back to the newest that is intact, and tells of those that are not', async () => {
    const directory = temporaryDirectory()
    await write(directory, 1, 2, 3)
    const [, second, third] = names(directory).map(name => `${directory}/${name}`) as [string, string, string]
    writeFileSync(third, readFileSync(third).subarray(0, 100))
    const flipped = readFileSync(second)
    flipped[200]! ^= 4
    writeFileSync(second, flipped)
    const opened = await CheckpointDirectory.open({ directory })
    const damaged: string[] = []
    const found = await opened.newest(({ place, code }) => damaged.push(`${code} ${place}`))
    expect(found?.checkpoint.summary).toBe(1)
    expect(damaged).toEqual([`CHECKPOINT_DAMAGED ${third}`, `CHECKPOINT_DAMAGED ${second}`])
    await opened.write(checkpoint(4))
    await opened.close()
    expect(await newest(directory)).toBe(4)
  })

  it('F47: does not pass for empty when everything in it is damaged', async () => {
    const directory = temporaryDirectory()
    await write(directory, 1)
    writeFileSync(`${directory}/${names(directory)[0]}`, 'nothing')
    await expect(newest(directory)).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' })
  })

  it('removes what was left unfinished, and nothing else', async () => {
    const directory = temporaryDirectory()
    writeFileSync(`${directory}/checkpoint-0000000001.contraflow.tmp`, 'half')
    writeFileSync(`${directory}/notes.txt`, 'mine')
    await write(directory, 2)
    expect(names(directory)).toEqual(['checkpoint-0000000001.contraflow', 'notes.txt'])
  })

  it('F43: says what to do when it cannot be made', async () => {
    const directory = temporaryDirectory()
    writeFileSync(`${directory}/file`, '')
    await expect(CheckpointDirectory.open({ directory: `${directory}/file/state` })).rejects.toMatchObject({
      code: 'CHECKPOINT_FAILED',
      received: expect.stringContaining('ENOTDIR'),
    })
  })
})

describe('F44: one call of the file system goes wrong', () => {
  it.each(FAULTS)('%s, whichever call: the old checkpoint or the new one, never a third', async fault => {
    const base = temporaryDirectory()
    for (let at = 1, done = false; !done; at++) {
      const directory = `${base}/${at}`
      await write(directory, 1, 2, 3)
      const fs = new FaultyFileSystem(fault, at)
      let written = false
      try {
        const opened = await CheckpointDirectory.open({ directory, fs })
        expect((await opened.newest(ignored))?.checkpoint.summary).toBe(3)
        await opened.write(checkpoint(4))
        written = true
        await opened.close()
      } catch (error) {
        expect(error).toMatchObject(fs.crashed ? {} : { message: expect.stringMatching(/injected/) })
      }
      done = fs.calls < at
      // What is left is the lock of a process that is gone; one that failed would have ended too.
      for (const name of locks(directory))
        renameSync(`${directory}/${name}`, `${directory}/${name.split('.')[0]}.${gone}.1.1`)
      const found = await newest(directory)
      expect(written ? [4] : [3, 4]).toContain(found)
      await write(directory, 5)
      expect(await newest(directory)).toBe(5)
      expect(names(directory).filter(name => !/^checkpoint-\d{10}\.contraflow$/.test(name))).toEqual([])
      rmSync(directory, { recursive: true })
    }
  })
})

describe('checkpoints that are put aside', () => {
  it('are left where they are and new ones count on from them, also when all of the newer ones are gone', async () => {
    const directory = temporaryDirectory()
    await write(directory, 1, 2, 3)
    const opened = await CheckpointDirectory.open({ directory })
    expect(await opened.setAside()).toBe(`${directory}/aside-0000000003`)
    expect(await opened.newest(ignored)).toBeUndefined()
    expect(await opened.setAside()).toBeUndefined()
    await opened.close()
    await write(directory, 4)
    const all = (names(directory) as string[]).concat(names(`${directory}/aside-0000000003`))
    expect(all.map(name => Number(/\d{10}/.exec(name)))).toEqual([3, 4, 1, 2, 3])
  })

  it.each(FAULTS)('F44: %s, whichever call: all are there, in one place or the other', async fault => {
    const base = temporaryDirectory()
    for (let at = 1, done = false; !done; at++) {
      const directory = `${base}/${at}`
      await write(directory, 1, 2, 3)
      const fs = new FaultyFileSystem(fault, at)
      try {
        const opened = await CheckpointDirectory.open({ directory, fs })
        await opened.setAside()
        await opened.close()
      } catch (error) {
        expect(error).toMatchObject(fs.crashed ? {} : { message: expect.stringMatching(/injected/) })
      }
      done = fs.calls < at
      for (const name of locks(directory)) rmSync(`${directory}/${name}`)
      const kept = [directory, `${directory}/aside-0000000003`].map(place =>
        existsSync(place) ? names(place).filter(name => name.startsWith('checkpoint-')) : [],
      )
      expect(kept.flat().sort()).toEqual([1, 2, 3].map(n => `checkpoint-000000000${n}.contraflow`))
      // What is left is the newest ones.
      expect([undefined, 3]).toContain(await newest(directory))
      rmSync(directory, { recursive: true })
    }
  })
})

describe('the lock of a state directory', () => {
  it('F71: keeps a second run out, in this process and in another', async () => {
    const directory = temporaryDirectory()
    const first = await CheckpointDirectory.open({ directory })
    await expect(CheckpointDirectory.open({ directory })).rejects.toMatchObject({
      code: 'STATE_IN_USE',
      message: expect.stringContaining(`a directory that process ${process.pid} uses`),
    })
    await first.close()
    const other = new Child('/bin/sh', ['-c', 'echo up; read line'])
    await other.says('stdout', /up/)
    writeFileSync(`${directory}/lock.${other.process.pid}.${startOf(other.process.pid!)}.1`, '')
    await expect(CheckpointDirectory.open({ directory })).rejects.toMatchObject({ code: 'STATE_IN_USE' })
    other.process.stdin.end('\n')
    await other.finished
    await (await CheckpointDirectory.open({ directory })).close()
  })

  it.each([
    ['of a process that is gone', `lock.${gone}.12345.1`],
    ['of a process whose number another one has now', `lock.${process.pid}.1.1`],
    ['of a process of this place that is gone', `lock.${LOCK_PLACE}.${gone}.12345.1`],
    ['of a process of this place whose number another one has now', `lock.${LOCK_PLACE}.${process.pid}.1.1`],
  ])('is taken over when it is one %s', async (_, name) => {
    const directory = temporaryDirectory()
    writeFileSync(`${directory}/${name}`, '')
    const opened = await CheckpointDirectory.open({ directory })
    const own = `${LOCK_PLACE}.${process.pid}.${startOf(process.pid)}.\\d+$`
    expect(names(directory)).toEqual([expect.stringMatching(`^claim.${own}`), expect.stringMatching(`^lock.${own}`)])
    await opened.close()
    expect(names(directory)).toEqual([])
  })

  it('F71: goes to exactly one of many that find a stale one at the same time', async () => {
    const directory = temporaryDirectory()
    for (let round = 0; round < 20; round++) {
      writeFileSync(`${directory}/lock.${gone}.1.1`, '')
      const attempts = await Promise.allSettled(
        Array.from({ length: 8 }, () => CheckpointDirectory.open({ directory })),
      )
      const winners = attempts.filter(attempt => attempt.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      await winners[0]!.value.close()
      expect(names(directory)).toEqual([])
    }
  })

  it('F71: goes to exactly one of four processes that start at the same time, 40 times', async () => {
    const directory = temporaryDirectory()
    const contenders = Array.from(
      { length: 4 },
      () => new Child(process.execPath, ['--input-type=module', '-e', CONTENDER, directory]),
    )
    const winners: number[] = []
    for (let round = 1; round <= 40; round++) {
      for (const { process: contender } of contenders) contender.stdin.write('take\n')
      await Promise.all(contenders.map(contender => contender.says('stdout', new RegExp(`^${round} (won|lost)`, 'm'))))
      winners.push(contenders.filter(({ stdout }) => stdout.includes(`${round} won`)).length)
      for (const { process: contender } of contenders) contender.stdin.write('release\n')
      await Promise.all(contenders.map(contender => contender.says('stdout', new RegExp(`^${round} free`, 'm'))))
    }
    expect(winners).toEqual(Array(40).fill(1))
    for (const contender of contenders) contender.process.stdin.end()
    expect((await Promise.all(contenders.map(({ finished }) => finished))).map(({ code }) => code)).toEqual([
      0, 0, 0, 0,
    ])
    expect(names(directory)).toEqual([])
  })

  it('F71: waits for one that is about to take it, and has claimed it before', async () => {
    const directory = temporaryDirectory()
    // The lowest name that a running process can have.
    const claim = `${directory}/claim.1.${startOf(1)}.1`
    writeFileSync(claim, '')
    let looks = 0
    const fs = {
      ...nodeFileSystem,
      list: (path: string) => {
        if (++looks === 4) rmSync(claim)
        return nodeFileSystem.list(path)
      },
    }
    const opened = await CheckpointDirectory.open({ directory, fs })
    expect(looks).toBeGreaterThanOrEqual(4)
    await opened.close()
  })

  it('is not left behind when the directory cannot be read', async () => {
    const directory = temporaryDirectory()
    mkdirSync(`${directory}/sub`)
    const fs = { ...nodeFileSystem, list: () => Promise.reject(new Error('EIO')) }
    await expect(CheckpointDirectory.open({ directory, fs })).rejects.toMatchObject({ code: 'CHECKPOINT_FAILED' })
    expect(names(directory)).toEqual(['sub'])
  })
})

function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!
}
