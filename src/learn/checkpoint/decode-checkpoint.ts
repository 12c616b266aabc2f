import { ContraflowError } from '../../errors.js'
import type { SavedArray } from '../../saved.js'
import {
  ARRAY_TYPES,
  type ArrayEntry,
  type Checkpoint,
  type CheckpointHeader,
  FORMAT,
  MAGIC,
  PREAMBLE,
  TRAILER,
} from './checkpoint.js'
import { crc32c } from './crc32c.js'
import { unflatten } from './flatten.js'
import { littleEndian } from './little-endian.js'

/**
 * The checkpoint in these bytes; every byte is checked first.
 * @param place Names the file in messages.
 * @throws ContraflowError CHECKPOINT_DAMAGED, or CHECKPOINT_VERSION when another version of Contraflow wrote it.
 */
export function decodeCheckpoint(file: Uint8Array, place: string): Checkpoint {
  const { header, start } = readHeader(file, place)
  const end = file.length - TRAILER
  const arrays = header.arrays.map((entry, i) => {
    const array = readArray(file.subarray(start, end), entry)
    if (array === undefined) throw damaged(place, `array ${i} does not fit its checksum or the file`)
    return array
  })
  const state = unflatten(header.state, arrays)
  if (state === undefined) throw damaged(place, 'a header that does not describe a state')
  return { identity: header.identity, summary: header.summary, state }
}

/**
 * The header alone, for those who only look.
 * @returns With it, where the arrays start.
 */
export function readHeader(
  file: Uint8Array,
  place: string,
): { readonly header: CheckpointHeader; readonly start: number } {
  if (file.length < PREAMBLE + TRAILER) throw damaged(place, `${file.length} bytes`)
  if (MAGIC.some((byte, i) => file[i] !== byte)) throw damaged(place, 'a file that is not a checkpoint', NO_CHECKPOINT)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const length = view.getBigUint64(16, true)
  if (length !== BigInt(file.length)) throw damaged(place, `${file.length} bytes of ${length}`)
  const crc = view.getUint32(file.length - TRAILER, true)
  if (crc32c(file.subarray(0, -TRAILER)) !== crc) throw damaged(place, 'bytes that do not fit their checksum')
  const start = PREAMBLE + view.getUint32(12, true)
  if (start > file.length - TRAILER) throw damaged(place, 'a header longer than the file')
  const header = parseHeader(file.subarray(PREAMBLE, start), place)
  const format = view.getUint32(8, true)
  if (format > FORMAT.current || format < FORMAT.oldest) throw otherVersion(format, header, place)
  return { header, start }
}

function parseHeader(text: Uint8Array, place: string): CheckpointHeader {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text)) as CheckpointHeader
  } catch {
    throw damaged(place, 'a header that is not JSON')
  }
}

/** @returns undefined when the entry reaches beyond the file, which is seen before anything is allocated, or is damaged. */
function readArray(bytes: Uint8Array, { type, length, offset, crc }: ArrayEntry): SavedArray | undefined {
  const create = ARRAY_TYPES[type]
  if (create === undefined || !Number.isSafeInteger(length) || !Number.isSafeInteger(offset)) return undefined
  const end = offset + length * create.BYTES_PER_ELEMENT
  if (offset < 0 || length < 0 || end > bytes.length) return undefined
  const part = bytes.subarray(offset, end)
  if (crc32c(part) !== crc) return undefined
  const array = new create(length)
  new Uint8Array(array.buffer).set(littleEndian(part, create.BYTES_PER_ELEMENT))
  return array
}

/** Nobody is to remove a file because it is none. */
const NO_CHECKPOINT = 'Name a checkpoint or a state directory; if this was a checkpoint, restore it from a copy.'

function damaged(place: string, received: string, remedy?: string): ContraflowError {
  return new ContraflowError('CHECKPOINT_DAMAGED', { received, place, ...(remedy !== undefined && { remedy }) })
}

function otherVersion(format: number, { needs }: CheckpointHeader, place: string): ContraflowError {
  const remedy =
    format > FORMAT.current
      ? `Use contraflow >= ${typeof needs === 'string' ? needs : 'the one that wrote it'}, or start anew with --fresh.`
      : 'Use the version that wrote it, or start anew with --fresh.'
  return new ContraflowError('CHECKPOINT_VERSION', { received: `format ${format}`, place, remedy })
}
