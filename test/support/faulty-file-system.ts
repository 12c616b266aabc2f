import { renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { type FileSystem, nodeFileSystem, type OpenFile } from '../../streams/files/file-system.js'

/** How a call can go wrong. `crash`: it is done, and the process is no more; `power`: the machine neither. */
export const FAULTS = ['ENOSPC', 'EIO', 'EACCES', 'short write', 'crash', 'power', 'power, names survive'] as const
export type Fault = (typeof FAULTS)[number]

/** Of a process that is no more: nothing it does has an effect. */
export class Crash extends Error {
  constructor() {
    super('the process is gone')
  }
}

/** The real file system, of which one call goes wrong. What was not synced when the power goes is lost. */
export class FaultyFileSystem implements FileSystem {
  /** Calls so far. */
  calls = 0
  crashed = false
  readonly #fault: Fault
  readonly #at: number
  /** Length of each file that would survive, where that is not all of it. */
  readonly #synced = new Map<string, number>()
  /** Those the system closes with the process. */
  readonly #open = new Set<OpenFile>()
  /** How to undo the changes of names since the directory was synced, the last first. */
  #names: (() => void)[] = []

  /** @param at Which call goes wrong, from 1; 0 for none. */
  constructor(fault: Fault, at: number) {
    this.#fault = fault
    this.#at = at
  }

  open(path: string, flags: 'wx' | 'r'): Promise<OpenFile> {
    return this.#call(async () => {
      const file = await nodeFileSystem.open(path, flags)
      this.#open.add(file)
      if (flags === 'wx') this.#synced.set(path, 0)
      return this.#opened(path, flags, file)
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call(async () => {
      await nodeFileSystem.rename(from, to)
      this.#synced.set(to, this.#synced.get(from) ?? Infinity)
      this.#synced.delete(from)
      this.#names.unshift(() => renameSync(to, from))
    })
  }

  unlink(path: string): Promise<void> {
    return this.#call(async () => {
      const content = await nodeFileSystem.read(path)
      await nodeFileSystem.unlink(path)
      this.#synced.delete(path)
      this.#names.unshift(() => writeFileSync(path, content))
    })
  }

  list = (path: string) => this.#call(() => nodeFileSystem.list(path))
  read = (path: string) => this.#call(() => nodeFileSystem.read(path))
  touch = (path: string) => this.#call(() => nodeFileSystem.touch(path))
  touchSync = nodeFileSystem.touchSync
  isThereSync = nodeFileSystem.isThereSync
  modified = (path: string) => this.#call(() => nodeFileSystem.modified(path))
  makeDirectory = (path: string) => this.#call(() => nodeFileSystem.makeDirectory(path))

  #opened(path: string, flags: 'wx' | 'r', file: OpenFile): OpenFile {
    return {
      write: bytes =>
        this.#call(
          () => file.write(bytes),
          () => file.write(bytes.subarray(0, bytes.length >> 1)),
        ),
      sync: () =>
        this.#call(async () => {
          await file.sync()
          if (flags === 'r') this.#names = []
          else for (const name of this.#synced.keys()) if (name === path) this.#synced.delete(name)
        }),
      // The system lets go of a file also when it says that closing failed.
      close: () =>
        this.#call(
          () => this.#close(file),
          () => this.#close(file),
        ),
    }
  }

  async #close(file: OpenFile): Promise<void> {
    this.#open.delete(file)
    await file.close()
  }

  async #call<T>(act: () => Promise<T>, half?: () => Promise<T>): Promise<T> {
    if (this.crashed) throw new Crash()
    if (++this.calls !== this.#at) return act()
    switch (this.#fault) {
      case 'short write':
        return half ? half() : act()
      case 'ENOSPC':
      case 'EIO':
      case 'EACCES':
        if (half) await half() // part of it may have been written all the same
        throw Object.assign(new Error(`${this.#fault}: injected`), { code: this.#fault })
      default:
        await act().catch(() => {})
        this.crashed = true
        for (const file of this.#open) await file.close()
        if (this.#fault !== 'crash') this.#losePower()
        throw new Crash()
    }
  }

  #losePower(): void {
    for (const [path, length] of this.#synced)
      if (length < Infinity && statSync(path, { throwIfNoEntry: false })) truncateSync(path, length)
    if (this.#fault === 'power') for (const undo of this.#names) undo()
  }
}
