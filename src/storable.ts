import type { Saved } from './saved.js'
import type { Section } from './section.js'

/** A part whose state can be taken out and put into a new one of the same make, which then goes on bit for bit. */
export interface Storable {
  /** The state between two observations; valid until the next one. */
  save(): Saved
  /**
   * Takes over what `save` gave; called before the first observation.
   * @throws ContraflowError CHECKPOINT_MISFIT when it was saved by a part of another shape; throw this one away then.
   */
  restore(saved: Section): void
}

/** Told by a part, when it starts to work, that it has state to store; restores it at once if there is one. */
export type Keep = (part: Storable) => void
