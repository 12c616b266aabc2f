import { stat } from 'node:fs/promises'

/** Tells when one of a few files has changed since it was asked last: its content, its permissions, or which file has the name. */
export class FileChanges {
  readonly #paths: readonly string[]
  #seen = ''

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  /** Has anything changed? True the first time. @throws What stat throws, once: the next call tells of a change only when it works again. */
  async happened(): Promise<boolean> {
    let now: string
    try {
      const stats = await Promise.all(this.#paths.map(path => stat(path)))
      now = stats.map(({ ctimeMs, size, ino }) => `${ctimeMs} ${size} ${ino}`).join()
    } catch (error) {
      const { message } = error as Error
      if (this.#seen === message) return false
      this.#seen = message
      throw error
    }
    if (now === this.#seen) return false
    this.#seen = now
    return true
  }
}
