import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ContraflowError } from '../../src/errors.js'
import { codeOf } from '../code-of.js'
import type { FileSystem } from './file-system.js'

/**
 * Holds a state directory for one run, by two empty files whose names say whose they are: `claim.PID.START.N`, then
 * `lock.PID.START.N`. Of those that start at the same moment exactly one gets it; files of processes that are gone count for
 * nothing and are removed.
 *
 * Who claims and then sees a lock goes away. Who sees none makes his own and looks again: of several locks made at the same
 * moment the lowest name wins, and whoever may still make a lower one is waited for. Two cannot win: the lower of them would have
 * claimed after the other's last look, and so after the other's lock was there to be seen.
 */
export class DirectoryLock {
  readonly #directory: string
  readonly #fs: FileSystem
  readonly #own = `${process.pid}.${startOf(process.pid)}.${++taken}`

  private constructor(directory: string, fs: FileSystem) {
    this.#directory = directory
    this.#fs = fs
  }

  /** @throws ContraflowError STATE_IN_USE while another process, or another run of this one, holds it. */
  static async take(directory: string, fs: FileSystem): Promise<DirectoryLock> {
    const lock = new DirectoryLock(directory, fs)
    try {
      await lock.#make('claim')
      for (const { pid, kind } of await lock.#others()) if (kind === 'lock') throw inUse(directory, pid)
      await lock.#make('lock')
      await lock.#outlast()
      return lock
    } catch (error) {
      await lock.release().catch(() => {})
      throw error
    }
  }

  /** Lets the next one in. */
  async release(): Promise<void> {
    await this.#remove(`lock.${this.#own}`)
    await this.#remove(`claim.${this.#own}`)
  }

  /** Returns when nobody can come before this one any more. @throws ContraflowError STATE_IN_USE when somebody has. */
  async #outlast(): Promise<void> {
    for (let left = LOOKS; ; left--) {
      const lower = (await this.#others()).filter(({ owner }) => owner < this.#own)
      const winner = lower.find(({ kind }) => kind === 'lock') ?? (left === 0 ? lower[0] : undefined)
      if (winner) throw inUse(this.#directory, winner.pid)
      if (lower.length === 0) return
      await pause(BETWEEN_LOOKS)
    }
  }

  async #make(kind: 'claim' | 'lock'): Promise<void> {
    await (await this.#fs.open(join(this.#directory, `${kind}.${this.#own}`), 'wx')).close()
  }

  /** Files of others that run; those of others that do not are removed. */
  async #others(): Promise<Claim[]> {
    const others: Claim[] = []
    for (const name of await this.#fs.list(this.#directory)) {
      const [, kind, owner, pid, start] = NAME.exec(name) ?? []
      if (owner === undefined || owner === this.#own) continue
      if (isRunning(Number(pid), start!)) others.push({ kind: kind!, owner, pid: pid! })
      else await this.#remove(name)
    }
    return others
  }

  async #remove(name: string): Promise<void> {
    try {
      await this.#fs.unlink(join(this.#directory, name))
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  }
}

/** A file of another one: who it is, and whether he holds the directory or is about to. */
interface Claim {
  readonly kind: string
  readonly owner: string
  readonly pid: string
}

/** Looks at somebody who is about to hold the directory and does not go on, and milliseconds between two. */
const [LOOKS, BETWEEN_LOOKS] = [500, 10]

/** Locks that this process has taken so far: each has a name of its own. */
let taken = 0

const NAME = /^(claim|lock)\.((\d+)\.(\d*)\.\d+)$/

function inUse(directory: string, pid: string): ContraflowError {
  return new ContraflowError('STATE_IN_USE', { received: `a directory that process ${pid} uses`, place: directory })
}

/** @param start When it started; a process with the same number that started at another time is another one. */
function isRunning(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
  }
  // A zombie has a number, and does nothing any more.
  return start === '' || start === startOf(pid)
}

/** Fields 3 and 22 of /proc/pid/stat, after the name in brackets. @returns Empty where the system does not tell, or of a zombie. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}
