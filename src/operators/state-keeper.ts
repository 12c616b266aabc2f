import type { Saved } from '../saved.js'
import type { Section } from '../section.js'
import type { Keep, Storable } from '../storable.js'

/**
 * Knows the parts whose state makes up a checkpoint, by name. A part that comes gets its saved state at once, if there is one;
 * `save` takes all of them out, between two values. State that no part has asked for yet is kept and saved again.
 */
export class StateKeeper {
  readonly #parts = new Map<string, Storable>()
  readonly #saved: Map<string, Section>

  /** @param saved What `save` gave, to go on from it. */
  constructor(saved?: Section) {
    this.#saved = new Map(saved?.fields)
  }

  /** A place for one part, to be handed to it. */
  keep(name: string): Keep {
    return part => this.add(name, part)
  }

  /** @throws ContraflowError CHECKPOINT_MISFIT when the saved state does not fit the part. */
  add(name: string, part: Storable): void {
    this.#parts.set(name, part)
    const saved = this.#saved.get(name)
    if (saved === undefined) return
    part.restore(saved)
    this.#saved.delete(name)
  }

  /** The state of all parts by their names; of those nobody has asked for, what was restored. */
  save(): Saved {
    const waiting = [...this.#saved].map(([name, section]) => [name, section.value] as const)
    const parts = [...this.#parts].map(([name, part]) => [name, part.save()] as const)
    return Object.fromEntries([...waiting, ...parts])
  }
}
