import { type FileHandle, open } from 'node:fs/promises'

/** The real file system on a disk that is full for a while: some writes write half of what they are given, and fail. */
export class FailingFiles {
  readonly open: typeof open
  #writes = 0
  #pending = new Set<Promise<unknown>>()

  /** @param first Number of the first write that fails, from 1. */
  constructor({ first, count }: { first: number; count: number }) {
    const fails = (write: number) => write >= first && write < first + count
    this.open = async (...args: Parameters<typeof open>) => {
      const handle = await open(...args)
      const write = handle.write.bind(handle) as (bytes: Uint8Array, offset: number, length?: number) => unknown
      const failing = async (bytes: Uint8Array, offset = 0) => {
        if (!fails(++this.#writes)) return write(bytes, offset)
        await write(bytes, offset, (bytes.length - offset) >> 1)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      }
      handle.write = ((bytes: Uint8Array, offset?: number) =>
        this.#track(failing(bytes, offset))) as FileHandle['write']
      handle.truncate = (
        truncate => (length?: number) =>
          this.#track(truncate(length))
      )(handle.truncate.bind(handle))
      return handle
    }
  }

  /** Resolves when no call is under way, nor comes of those that were. */
  async settled(): Promise<void> {
    do await new Promise(resolve => setImmediate(resolve))
    while (this.#pending.size > 0)
    await new Promise(resolve => setImmediate(resolve))
    if (this.#pending.size > 0) await this.settled()
  }

  #track<T>(call: Promise<T>): Promise<T> {
    this.#pending.add(call)
    const done = () => this.#pending.delete(call)
    call.then(done, done)
    return call
  }
}
