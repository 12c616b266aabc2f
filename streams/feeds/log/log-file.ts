import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { ContraflowError } from '../../../src/errors.js'
import { unreadable } from '../../files/unreadable.js'
import { gunzip } from '../bytes/gunzip.js'
import type { FileIdentity } from '../feed.js'

/** Bytes that are read at once. */
const CHUNK = 64 * 1024

/** A log that is open for reading. */
export class LogFile {
  /** Bytes by which a file is known, unzipped. */
  static readonly HEAD = 1024

  readonly path: string
  readonly #handle: FileHandle
  /** Whether it is gzip; told by the first two bytes of a regular file. A pipe has to be unzipped before it comes here. */
  readonly zipped: boolean
  /** Undefined for what is not a regular file. */
  readonly inode: number | undefined

  private constructor(path: string, handle: FileHandle, inode: number | undefined, zipped: boolean) {
    this.path = path
    this.#handle = handle
    this.inode = inode
    this.zipped = zipped
  }

  /** @throws ContraflowError FILE_UNREADABLE. */
  static async open(path: string): Promise<LogFile> {
    const handle = await open(path).catch(error => {
      throw unreadable(error, path)
    })
    try {
      const stat = await handle.stat()
      if (stat.isDirectory()) throw new Error('EISDIR: it is a directory')
      if (!stat.isFile()) return new LogFile(path, handle, undefined, false)
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
      return new LogFile(path, handle, stat.ino, bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b)
    } catch (error) {
      await handle.close()
      throw unreadable(error, path)
    }
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  /** Bytes on disk. */
  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  /** When it was last written to, or emptied: milliseconds since 1970, as the file system believes. */
  async writtenAt(): Promise<number> {
    return (await this.#handle.stat()).mtimeMs
  }

  /** What the file is known by; undefined for what is not a regular file. */
  async identity(): Promise<FileIdentity | undefined> {
    if (this.inode === undefined) return undefined
    return this.knownBy(await this.#head(LogFile.HEAD))
  }

  /** What a regular file is known by that begins with these bytes. */
  knownBy(bytes: Uint8Array): FileIdentity | undefined {
    if (this.inode === undefined) return undefined
    const head = bytes.subarray(0, LogFile.HEAD)
    return { name: basename(this.path), inode: this.inode, head: { bytes: head.length, hash: hashOf(head) } }
  }

  /** By what it is known now, if it still begins as it was known by; it may be emptied and written anew at any time. */
  async knownAs({ bytes, hash }: FileIdentity['head']): Promise<FileIdentity | undefined> {
    const head = await this.#head(LogFile.HEAD)
    return hashOf(head.subarray(0, bytes)) === hash ? this.knownBy(head) : undefined
  }

  /** Does the file begin as one that was seen before? */
  async beginsLike({ bytes, hash }: FileIdentity['head']): Promise<boolean> {
    return hashOf(await this.#head(bytes)) === hash
  }

  /**
   * All bytes, unzipped, up to the end. The file stays open.
   * @throws ContraflowError FILE_DAMAGED where a gzip is cut or corrupt, after everything before; FILE_UNREADABLE.
   */
  async *read(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* this.zipped ? this.#unzipped(signal) : this.#bytes(signal)
    } catch (error) {
      if (!signal.aborted) throw this.zipped ? damaged(error, this.path) : unreadable(error, this.path)
    }
  }

  /** The bytes that stand at a position of a plain file; none at its end. @throws ContraflowError FILE_UNREADABLE. */
  async readAt(position: number): Promise<Uint8Array> {
    try {
      const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, position)
      return buffer.subarray(0, bytesRead)
    } catch (error) {
      throw unreadable(error, this.path)
    }
  }

  /** A pipe cannot be read again. */
  #unzipped(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    return gunzip(this.#bytes(signal), this.inode === undefined ? undefined : () => this.#bytes(signal))
  }

  /** As they are on disk. A byte of gzip can become a thousand, and a chunk is unzipped as a whole. */
  async *#bytes(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const size = this.zipped ? CHUNK / 4 : CHUNK
    for (let position = 0; !signal.aborted; ) {
      // Only a pipe has no positions.
      const at = this.inode === undefined ? null : position
      const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(size), 0, size, at)
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  }

  async #head(count: number): Promise<Uint8Array> {
    if (count === 0) return new Uint8Array(0)
    const parts: Uint8Array[] = []
    let missing = count
    try {
      for await (const chunk of this.zipped ? gunzip(this.#bytes(NEVER)) : this.#bytes(NEVER)) {
        parts.push(chunk.subarray(0, missing))
        missing -= chunk.length
        if (missing <= 0) break
      }
    } catch {
      // What there is before the damage.
    }
    return Buffer.concat(parts)
  }
}

const NEVER = new AbortController().signal

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function damaged(error: unknown, path: string): ContraflowError {
  return new ContraflowError('FILE_DAMAGED', { received: (error as Error).message, place: path }, { cause: error })
}
