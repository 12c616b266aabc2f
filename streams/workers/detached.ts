import { isSavedArray, type Saved } from '../../src/saved.js'

/**
 * A copy whose arrays have memory of their own: what lies in the memory of the kernels, or in the content of a file, would drag all
 * of that along to another thread.
 */
export function detached(saved: Saved): Saved {
  if (isSavedArray(saved)) return saved.slice()
  if (Array.isArray(saved)) return saved.map(detached)
  if (typeof saved !== 'object' || saved === null) return saved
  return Object.fromEntries(Object.entries(saved).map(([name, value]) => [name, detached(value)]))
}
