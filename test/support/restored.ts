import { Section } from '../../src/section.js'
import type { Storable } from '../../src/storable.js'

/** A new part with the state of another, which shares no memory with it. */
export function restored<T extends Storable>(part: Storable, create: () => T): T {
  const copy = create()
  copy.restore(new Section(structuredClone(part.save())))
  return copy
}
