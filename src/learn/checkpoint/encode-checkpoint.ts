import type { SavedArray } from '../../saved.js'
import {
  ARRAY_TYPES,
  type ArrayEntry,
  type ArrayType,
  type Checkpoint,
  type CheckpointHeader,
  FORMAT,
  MAGIC,
  NEEDS,
  PREAMBLE,
  TRAILER,
} from './checkpoint.js'
import { crc32c } from './crc32c.js'
import { flatten } from './flatten.js'
import { littleEndian } from './little-endian.js'

/**
 * A checkpoint as the bytes of a file: magic, format version and lengths; a JSON header; the arrays raw, little-endian, each at
 * a multiple of eight bytes; a CRC-32C of all of it. Same checkpoint, same bytes. Copies the arrays.
 */
export function encodeCheckpoint({ identity, summary, state }: Checkpoint): Uint8Array {
  const arrays: SavedArray[] = []
  const flat = flatten(state, arrays)
  const parts = arrays.map(array => littleEndian(bytesOf(array), array.BYTES_PER_ELEMENT))
  let offset = 0
  const entries = arrays.map((array, i): ArrayEntry => {
    const entry = { type: typeOf(array), length: array.length, offset, crc: crc32c(parts[i]!) }
    offset = aligned(offset + parts[i]!.length)
    return entry
  })
  const schema = crc32c(new TextEncoder().encode(JSON.stringify(identity))).toString(16)
  const header: CheckpointHeader = {
    format: FORMAT.current,
    needs: NEEDS,
    schema,
    identity,
    summary,
    arrays: entries,
    state: flat,
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const start = PREAMBLE + aligned(text.length)
  const file = new Uint8Array(start + offset + TRAILER)
  file.fill(0x20, PREAMBLE, start)
  file.set(MAGIC)
  file.set(text, PREAMBLE)
  entries.forEach((entry, i) => {
    file.set(parts[i]!, start + entry.offset)
  })
  const view = new DataView(file.buffer)
  view.setUint32(8, FORMAT.current, true)
  view.setUint32(12, start - PREAMBLE, true)
  view.setBigUint64(16, BigInt(file.length), true)
  view.setUint32(file.length - TRAILER, crc32c(file.subarray(0, -TRAILER)), true)
  return file
}

function bytesOf(array: SavedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function typeOf(array: SavedArray): ArrayType {
  const names = Object.keys(ARRAY_TYPES) as ArrayType[]
  return names.find(name => array instanceof ARRAY_TYPES[name])!
}

function aligned(offset: number): number {
  return Math.ceil(offset / 8) * 8
}
