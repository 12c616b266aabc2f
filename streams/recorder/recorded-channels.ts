import type { Decoder } from '../../src/config/decoders/decoder.js'
import { ContraflowError } from '../../src/errors.js'
import { isDeadLetter } from '../feeds/feed.js'
import { otherChannels } from './other-channels.js'
import type { RecordedDelivery } from './record-line.js'

/**
 * Sees to it that records are learned as what they are: the decoder of the pipeline gets to know what they would have taught it when they
 * came, the names of their channels above all, and records of other channels than it knows are refused.
 */
export class RecordedChannels {
  readonly #place: string
  readonly #decoder: Decoder
  #said: readonly string[] | undefined

  /** @param place Of the recording. */
  constructor(place: string, decoder: Decoder) {
    this.#place = place
    this.#decoder = decoder
  }

  /** @throws ContraflowError RECORDING_MISFIT. Recordings of older versions say no names: of those only the number of values is known. */
  take({ n, value, channels }: RecordedDelivery): void {
    const { channels: known } = this.#decoder
    if (channels) {
      this.#said = channels
      const complaints = known ? otherChannels(channels, known) : []
      if (complaints.length > 0) throw this.#misfit(n, 'observations of other channels', { complaints })
    }
    if (isDeadLetter(value) || value.arrival === 'idle') return
    const { length } = value.y
    // A retraction has no values.
    if (known && length > 0 && length !== known.length)
      throw this.#misfit(n, `an observation of ${length} values`, { expected: `${known.length}: ${known.join(', ')}` })
    this.#decoder.recall(value, this.#said)
  }

  #misfit(n: number, received: string, details: object): ContraflowError {
    return new ContraflowError('RECORDING_MISFIT', { received, place: `${this.#place}, record ${n}`, ...details })
  }
}
