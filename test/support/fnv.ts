/** FNV-1a, 64 bits, over the bits of doubles (big-endian). */
export function fnv1a(values: Iterable<number>): string {
  const view = new DataView(new ArrayBuffer(8))
  let hash = 0xcbf29ce484222325n
  for (const value of values) {
    view.setFloat64(0, value)
    for (let i = 0; i < 8; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(view.getUint8(i))) * 0x100000001b3n)
  }
  return hash.toString(16).padStart(16, '0')
}
