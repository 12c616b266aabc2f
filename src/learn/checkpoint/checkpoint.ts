import type { Saved } from '../../saved.js'

/** A value that JSON can carry. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain }

/** What a checkpoint file holds. */
export interface Checkpoint {
  /** Whose state it is: options and channels, each with its value. A run with another identity cannot go on from it. */
  readonly identity: Plain
  /** What people want to know of it: counts, times, where the source is. Plain values, read without the arrays. */
  readonly summary: Plain
  /** Everything that is needed to go on exactly. */
  readonly state: Saved
}

/** Version of the file format that this code writes, and the oldest that it reads. */
export const FORMAT = { current: 1, oldest: 1 } as const

/** The first version of Contraflow that reads the current format. */
export const NEEDS = '0.1.0'

/** Like PNG's: not text, and it shows when line ends were converted on the way. */
export const MAGIC: readonly number[] = [0x89, 0x43, 0x46, 0x4c, 0x0d, 0x0a, 0x1a, 0x0a]

/** Bytes before the header: magic, format version, length of the header, length of the file. */
export const PREAMBLE = 24
/** Bytes after the last array: a CRC-32C of everything before. */
export const TRAILER = 4

/** The kinds of arrays, by the names that the header gives them. */
export const ARRAY_TYPES = {
  f64: Float64Array,
  f32: Float32Array,
  u32: Uint32Array,
  i32: Int32Array,
  u8: Uint8Array,
} as const

/** Name of a kind of array. */
export type ArrayType = keyof typeof ARRAY_TYPES

/** Where an array is in the file. Offsets count from the end of the header; every array starts at a multiple of eight. */
export interface ArrayEntry {
  readonly type: ArrayType
  readonly length: number
  readonly offset: number
  readonly crc: number
}

/** The JSON at the head of a file. */
export interface CheckpointHeader {
  readonly format: number
  /** The first version of Contraflow that reads this file; every later format keeps this field. */
  readonly needs: string
  /** CRC-32C of the identity as JSON, in hexadecimal. */
  readonly schema: string
  readonly identity: Plain
  readonly summary: Plain
  readonly arrays: readonly ArrayEntry[]
  /** The state with {"$array": index} for arrays and {"$number": text} for what JSON has no number for. */
  readonly state: Plain
}
