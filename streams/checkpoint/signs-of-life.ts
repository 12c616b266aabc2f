import { codeOf } from '../files/code-of.js'
import type { FileSystem } from '../files/file-system.js'

/** Tells by the times of files whether those who touch them live. */
export class SignsOfLife {
  readonly #fs: FileSystem
  readonly #patience: number
  /** When each file was first looked at, and its time then. */
  readonly #seen = new Map<string, { readonly since: number; readonly time: number }>()

  /** @param patience Milliseconds after which a file that was not touched is dead. */
  constructor(fs: FileSystem, patience: number) {
    this.#fs = fs
    this.#patience = patience
  }

  /** Files looked at so far. */
  get watched(): number {
    return this.#seen.size
  }

  /** @returns Whether who touches it lives; undefined while that is not known. A file that is gone is dead. @throws What the file system says. */
  async of(path: string): Promise<boolean | undefined> {
    const time = await this.#timeOf(path)
    if (time === undefined) return false
    const seen = this.#seen.get(path)
    if (seen === undefined) this.#seen.set(path, { since: performance.now(), time })
    else if (time !== seen.time) return true
    else if (performance.now() - seen.since > this.#patience) return false
    return undefined
  }

  async #timeOf(path: string): Promise<number | undefined> {
    try {
      return await this.#fs.modified(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      return undefined
    }
  }
}
