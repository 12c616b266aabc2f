import { type FileHandle, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
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
  makeDirectory,
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
