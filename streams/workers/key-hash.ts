/**
 * Which of `count` workers has this key: FNV-1a, 32 bits, over the UTF-16 code units. The same on every machine, so that a
 * checkpoint finds its keys where they were.
 * @see Fowler, Noll & Vo, draft-eastlake-fnv.
 */
export function workerOf(key: string, count: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  // The low bits of FNV are weak for short keys that differ in their last character only.
  hash ^= hash >>> 15
  return (hash >>> 0) % count
}
