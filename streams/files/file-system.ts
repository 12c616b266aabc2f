import { existsSync, utimesSync } from 'node:fs'
import { type FileHandle, open, readdir, readFile, rename, unlink, utimes } from 'node:fs/promises'
import { makeDirectory } from './make-directory.js'

/** An open file, as far as durable writing needs it. */
export interface OpenFile {
  /** Writes at the end of what was written; may write less than it was given. @returns Bytes written. */
  write(bytes: Uint8Array): Promise<number>
  /** Returns when the content would survive the loss of power. */
  sync(): Promise<void>
  /** Gives the file back. */
  close(): Promise<void>
}

/** The file system, an argument so that tests can make any call of it fail. */
export interface FileSystem {
  /** `wx` makes a file that was not there, `r` opens a directory to sync it. New files can be read by their owner only. */
  open(path: string, flags: 'wx' | 'r'): Promise<OpenFile>
  /** At once, over what is there. */
  rename(from: string, to: string): Promise<void>
  /** Takes a file away. */
  unlink(path: string): Promise<void>
  /** Names in a directory. */
  list(path: string): Promise<string[]>
  /** All of a file. */
  read(path: string): Promise<Uint8Array>
  /** Gives a file the time that it is now, as this machine believes; its content stays. */
  touch(path: string): Promise<void>
  /** As `touch`, for those who cannot wait. */
  touchSync(path: string): void
  /** Does something have this name? Also no where that cannot be seen. */
  isThereSync(path: string): boolean
  /** When a file was written or touched last, in milliseconds; as the server knows it where files are on one. */
  modified(path: string): Promise<number>
  /** Makes a directory and those above it, for their owner only. */
  makeDirectory(path: string): Promise<void>
}

/** The real one. */
export const nodeFileSystem: FileSystem = {
  open: async (path, flags) => new NodeFile(await open(path, flags, 0o600)),
  rename,
  unlink,
  list: path => readdir(path),
  read: path => readFile(path),
  touch: async path => {
    const now = new Date()
    await utimes(path, now, now)
  },
  touchSync: path => {
    const now = new Date()
    utimesSync(path, now, now)
  },
  isThereSync: existsSync,
  modified,
  makeDirectory,
}

/** Of a file that was opened for it: what is known of a name may be some seconds old on network file systems. */
async function modified(path: string): Promise<number> {
  const handle = await open(path, 'r')
  try {
    return (await handle.stat()).mtimeMs
  } finally {
    await handle.close()
  }
}

class NodeFile implements OpenFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async write(bytes: Uint8Array): Promise<number> {
    return (await this.#handle.write(bytes)).bytesWritten
  }

  sync(): Promise<void> {
    return this.#handle.sync()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
