import type { Publication } from './publication.js'

/** Publications that go out together: who takes everything gets them in one write. */
export class Batch {
  readonly publications: Publication[] = []
  #length = 0
  #joined: Buffer | undefined

  add(publication: Publication): void {
    this.publications.push(publication)
    this.#length += publication.frame.length
  }

  /** Keeps only the latest of each topic. @returns How many have gone. */
  conflate(): number {
    const before = this.publications.length
    const latest = new Map<string, Publication>()
    for (const publication of this.publications) {
      latest.delete(publication.slot)
      latest.set(publication.slot, publication)
    }
    this.publications.splice(0, before, ...latest.values())
    this.#length = this.publications.reduce((sum, { frame }) => sum + frame.length, 0)
    return before - this.publications.length
  }

  /** Bytes of all frames. */
  get length(): number {
    return this.#length
  }

  /** Sequence number of the first publication; call only when there is one. */
  get first(): number {
    return this.publications[0]!.sequence
  }

  /** All frames as one buffer, which every subscriber's socket shares. */
  get joined(): Buffer {
    const { publications } = this
    this.#joined ??= publications.length === 1 ? publications[0]!.frame : Buffer.concat(publications.map(p => p.frame))
    return this.#joined
  }
}
