const NATIVE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/**
 * The bytes of an array, little-endian, or the other way round: bytes as they have to be for this machine's arrays.
 * @param width Bytes of a number. @returns The same bytes where nothing is to be changed.
 */
export function littleEndian(bytes: Uint8Array, width: number, native = NATIVE): Uint8Array {
  if (native || width === 1) return bytes
  const swapped = new Uint8Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) swapped[i] = bytes[i - (i % width) + width - 1 - (i % width)]!
  return swapped
}
