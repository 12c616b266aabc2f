import { constants } from 'node:fs'
import { type FileHandle, type open as openFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { nodeFileSystem } from '../files/file-system.js'
import { refuseForeignLink } from '../files/foreign-link.js'
import { syncDirectory } from '../files/write-durably.js'
import type { SinkMark } from './cut-back.js'

/** How a file is kept from growing for ever. */
export interface Rotation {
  /** A file gets no line that would make it longer. */
  readonly bytes: number
  /** Older files kept, as path.1 (the newest), path.2, … Default 5. */
  readonly keep?: number
}

/** How a line file is opened. */
export interface LineFileOptions {
  readonly path: string
  /** Add to the file instead of writing it anew. */
  readonly append: boolean
  /** Bytes in files before this one. Default 0. */
  readonly base?: number
  readonly rotation: Rotation | undefined
  /** Only its owner may read a file that is made. Default: what is usual for the process. */
  readonly isPrivate?: boolean
  /** The file system's own by default; a test brings one that fails. */
  readonly open: typeof openFile
  /** Called before each change; what it throws is what the change throws. */
  readonly hold?: () => Promise<void>
}

const NEWLINE = 0x0a
/** Both append, so that a write after a truncation goes to the end. */
const { O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants
const [ADD, ANEW] = [O_RDWR | O_CREAT | O_APPEND, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND]

/**
 * A file of complete lines: what could not be written whole is taken back, so that the next line begins a line. Calls must not
 * overlap.
 */
export class LineFile {
  readonly #options: LineFileOptions
  #handle: FileHandle | undefined
  /** Length of the file up to the end of its last complete line; undefined for what is no regular file. */
  #size: number | undefined
  /** Bytes written to files before this one, and which one it is. */
  #base: number
  #inode = 0
  /** Has the directory been synced since the file was made? */
  #named = false
  /** Is there part of a line behind `size`? */
  #torn = false

  private constructor(options: LineFileOptions) {
    this.#options = options
    this.#base = options.base ?? 0
  }

  /** @throws What the file system says. */
  static async open(options: LineFileOptions): Promise<LineFile> {
    const file = new LineFile(options)
    await file.#open(options.append)
    return file
  }

  /** Bytes that can be added before the file is full; without rotation there is no end. */
  get room(): number {
    const { rotation } = this.#options
    return rotation && this.#size !== undefined ? rotation.bytes - this.#size : Number.POSITIVE_INFINITY
  }

  /** Where the last complete line ends; undefined for what is no regular file. */
  get mark(): SinkMark | undefined {
    if (this.#size === undefined) return undefined
    return { bytes: this.#base + this.#size, file: { inode: this.#inode, base: this.#base } }
  }

  /** Makes what has been added last. @throws What the file system says. */
  async sync(): Promise<void> {
    await this.#handle?.datasync()
    if (this.#named) return
    await syncDirectory(dirname(this.#options.path), nodeFileSystem)
    this.#named = true
  }

  /** Is there something in it? */
  get begun(): boolean {
    return (this.#size ?? 0) > 0
  }

  /** Adds whole lines. After a failure none of them is in the file. @throws What the file system says. */
  async add(lines: Uint8Array): Promise<void> {
    await this.#mend()
    this.#torn = true
    for (let written = 0; written < lines.length; ) {
      const { bytesWritten } = await this.#handle!.write(lines, written)
      written += bytesWritten
    }
    this.#torn = false
    if (this.#size !== undefined) this.#size += lines.length
  }

  /** Puts the file aside and begins a new one. @throws What the file system says; a second call goes on where it stopped. */
  async rotate(): Promise<void> {
    const { path, rotation } = this.#options
    await this.#mend()
    await this.#handle?.datasync()
    await this.#handle?.close()
    this.#handle = undefined
    for (let i = (rotation?.keep ?? 5) - 1; i >= 1; i--)
      await rename(`${path}.${i}`, `${path}.${i + 1}`).catch(ifMissing)
    await rename(path, `${path}.1`).catch(ifMissing)
    this.#base += this.#size ?? 0
    this.#size = 0
    await this.#open(false)
  }

  async close(): Promise<void> {
    await this.#mend().finally(() => this.#handle?.close())
  }

  async #open(append: boolean): Promise<void> {
    const { path, open, isPrivate } = this.#options
    await refuseForeignLink(path)
    const handle = await open(path, append ? ADD : ANEW, isPrivate ? 0o600 : 0o666)
    this.#handle = handle
    const stats = await handle.stat()
    this.#size = stats.isFile() ? stats.size : undefined
    this.#inode = stats.ino
    this.#named = false
    if (append && this.#size) await this.#endLine(handle, this.#size)
  }

  /** Somebody else may have left half a line. */
  async #endLine(handle: FileHandle, size: number): Promise<void> {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
    if (buffer[0] !== NEWLINE) await this.add(Uint8Array.of(NEWLINE))
  }

  /** Takes back what a failed write has left. */
  async #mend(): Promise<void> {
    await this.#options.hold?.()
    if (this.#handle === undefined) await this.#open(true)
    if (!this.#torn) return
    if (this.#size !== undefined) await this.#handle!.truncate(this.#size)
    this.#torn = false
  }
}

function ifMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
