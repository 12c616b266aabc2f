/**
 * CRC-32C (Castagnoli), eight bytes at a time: finds every error of one bit and every burst of up to 32.
 * @see RFC 3720 B.4; Kounavis & Berry 2005, doi:10.1109/ISCC.2005.18 (slicing by eight).
 */
export function crc32c(bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES
  const whole = bytes.length - (bytes.length % 8)
  let crc = 0xffffffff
  for (let i = 0; i < whole; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    crc =
      t7[crc & 255]! ^
      t6[(crc >>> 8) & 255]! ^
      t5[(crc >>> 16) & 255]! ^
      t4[crc >>> 24]! ^
      t3[bytes[i + 4]!]! ^
      t2[bytes[i + 5]!]! ^
      t1[bytes[i + 6]!]! ^
      t0[bytes[i + 7]!]!
  }
  for (let i = whole; i < bytes.length; i++) crc = t0[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)
  return ~crc >>> 0
}

const POLYNOMIAL = 0x82f63b78

type Table = Int32Array
const TABLES = createTables()

function createTables(): readonly [Table, Table, Table, Table, Table, Table, Table, Table] {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256))
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    tables[0]![byte] = crc
  }
  for (let k = 1; k < 8; k++)
    for (let byte = 0; byte < 256; byte++) {
      const before = tables[k - 1]![byte]!
      tables[k]![byte] = tables[0]![before & 255]! ^ (before >>> 8)
    }
  return tables as unknown as readonly [Table, Table, Table, Table, Table, Table, Table, Table]
}
