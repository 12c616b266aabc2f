import { ContraflowError } from '../../src/errors.js'
import { otherChannels } from './other-channels.js'

/** What a recording says of the names of its channels: on the first record of each file for which they are known. */
export class ChannelNote {
  readonly #names: () => readonly string[] | undefined
  /** Those of what was recorded before, as far as that says them. */
  readonly before: readonly string[] | undefined
  #isSaid = false
  /** Are they the same as before? Asked once. */
  #fits = false

  /** @param names Of what is recorded now: none or undefined while they are not known. */
  constructor(names: () => readonly string[] | undefined, before: readonly string[] | undefined) {
    this.#names = names
    this.before = before
  }

  /** What the next record has to say; undefined when nothing. */
  get next(): readonly string[] | undefined {
    return this.#isSaid ? undefined : this.#known
  }

  /** A record has been written that says it. */
  said(): void {
    this.#isSaid ||= this.#known !== undefined
  }

  /** The next record is the first of a file. */
  begin(): void {
    this.#isSaid = false
  }

  /**
   * Two runs with other channels would make a recording that nobody can replay.
   * @throws ContraflowError RECORDING_MISFIT, when both are known and differ.
   */
  refuseOthers(place: string): void {
    const now = this.#known
    if (this.#fits || this.before === undefined || now === undefined) return
    const complaints = otherChannels(this.before, now)
    this.#fits = complaints.length === 0
    if (this.#fits) return
    throw new ContraflowError('RECORDING_MISFIT', {
      received: 'a recording of other channels, to be added to',
      remedy: 'Give it a directory of its own (record.directory), or let `run --fresh` put the recording aside.',
      place,
      complaints,
    })
  }

  get #known(): readonly string[] | undefined {
    const names = this.#names()
    return names === undefined || names.length === 0 ? undefined : names
  }
}
