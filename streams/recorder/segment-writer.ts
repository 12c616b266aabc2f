import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'

const datasync = promisify(fdatasync)
/** Bytes that are copied at once. */
const PIECE = 1 << 20

/** The file of a recording to which records are added. */
export class SegmentWriter {
  /** Where it is. */
  readonly path: string
  /** Length up to the end of the last whole record. */
  size = 0
  #fd: number
  /** Is there part of a record behind it? */
  #torn = false
  readonly #write: typeof writeSync

  /** Makes the file. @throws What the file system says: EEXIST when it is there. */
  constructor(path: string, write: typeof writeSync = writeSync) {
    this.path = path
    this.#write = write
    this.#fd = make(path)
  }

  /** Adds a line, in one call of the system if it lets it. @throws What the file system says; the next line takes the place of what was written then. */
  append(line: Buffer): void {
    if (this.#torn) ftruncateSync(this.#fd, this.size)
    this.#torn = true
    for (let written = 0; written < line.length; )
      written += this.#write(this.#fd, line, written, line.length - written, this.size + written)
    this.#torn = false
    this.size += line.length
  }

  /** Removes what was written of a record that could not be written whole. */
  mend(): void {
    if (this.#torn) ftruncateSync(this.#fd, this.size)
    this.#torn = false
  }

  /** Makes what was added outlive the loss of power. */
  async sync(): Promise<void> {
    await datasync(this.#fd)
  }

  /** As `sync`, for those who cannot wait. */
  syncNow(): void {
    fdatasyncSync(this.#fd)
  }

  /** Gives it back; not while it is being synced. */
  close(): void {
    closeSync(this.#fd)
  }

  /**
   * Makes a file anew that was removed, from what is still open of it.
   * @returns Gives the removed one back; not to be called while it is being synced. @throws What the file system says; what is open is still the removed one then, and part of it lies in the new file.
   */
  restore(): () => void {
    const removed = this.#fd
    const fd = make(this.path)
    try {
      const piece = Buffer.allocUnsafe(Math.min(PIECE, this.size))
      for (let at = 0; at < this.size; ) {
        const read = readSync(removed, piece, 0, Math.min(piece.length, this.size - at), at)
        if (read === 0) throw new Error(`${this.path} was cut when it was removed`)
        for (let written = 0; written < read; ) written += this.#write(fd, piece, written, read - written, at + written)
        at += read
      }
    } catch (error) {
      closeSync(fd)
      throw error
    }
    this.#fd = fd
    this.#torn = false
    return () => closeSync(removed)
  }
}

/** Readable as well: from there it is restored. */
function make(path: string): number {
  return openSync(path, 'wx+', 0o600)
}
