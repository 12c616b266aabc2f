import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { ContraflowError } from '../../src/errors.js'
import type { FileIdentity } from './feed.js'
import { gunzip } from './gunzip.js'

/** Bytes by which a file is known. */
const HEAD = 1024

/** A log that is open for reading. */
export class LogFile {
  readonly path: string
  readonly #handle: FileHandle
  /** Whether it is gzip; told by the first two bytes of a regular file. A pipe has to be unzipped before it comes here. */
  readonly zipped: boolean
  readonly #inode: number | undefined

  private constructor(path: string, handle: FileHandle, inode: number | undefined, zipped: boolean) {
    this.path = path
    this.#handle = handle
    this.#inode = inode
    this.zipped = zipped
  }

  /** @throws ContraflowError FILE_UNREADABLE. */
  static async open(path: string): Promise<LogFile> {
    const handle = await open(path).catch(error => {
      throw unreadable(error, path)
    })
    try {
      const stat = await handle.stat()
      if (!stat.isFile()) return new LogFile(path, handle, undefined, false)
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
      return new LogFile(path, handle, stat.ino, bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b)
    } catch (error) {
      await handle.close()
      throw unreadable(error, path)
    }
  }

  /** What the file is known by; undefined for what is not a regular file. */
  async identity(): Promise<FileIdentity | undefined> {
    if (this.#inode === undefined) return undefined
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(HEAD), 0, HEAD, 0)
    return { name: basename(this.path), inode: this.#inode, head: headOf(buffer.subarray(0, bytesRead)) }
  }

  /**
   * All bytes, unzipped, up to the end. Closes the file.
   * @throws ContraflowError FILE_DAMAGED where a gzip is cut or corrupt, after everything before; FILE_UNREADABLE.
   */
  async *read(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    // A byte of gzip can become a thousand, and a chunk is unzipped as a whole. Only a pipe has no positions.
    const positioned = this.#inode === undefined ? {} : { start: 0 }
    const file = this.#handle.createReadStream({ ...positioned, ...(this.zipped && { highWaterMark: 16 * 1024 }) })
    signal.addEventListener('abort', () => file.destroy(), { once: true })
    try {
      yield* this.zipped ? gunzip(file) : file
    } catch (error) {
      if (!signal.aborted) throw this.zipped ? damaged(error, this.path) : unreadable(error, this.path)
    } finally {
      file.destroy()
    }
  }
}

function headOf(bytes: Uint8Array): FileIdentity['head'] {
  return { bytes: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') }
}

function unreadable(error: unknown, path: string): ContraflowError {
  return new ContraflowError('FILE_UNREADABLE', { received: (error as Error).message, place: path }, { cause: error })
}

function damaged(error: unknown, path: string): ContraflowError {
  return new ContraflowError('FILE_DAMAGED', { received: (error as Error).message, place: path }, { cause: error })
}
