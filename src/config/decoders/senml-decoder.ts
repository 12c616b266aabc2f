import { ContraflowError } from '../../errors.js'
import type { Saved } from '../../saved.js'
import type { Section } from '../../section.js'
import type { MappedMessage } from '../mapping/mapping.js'
import { deadLetterOf } from './dead-letter-of.js'
import type { Decoded, FrameOrigin } from './decoder.js'
import { ForeignDecoder } from './foreign-decoder.js'
import { mergeSimultaneous } from './mapped-decoder.js'
import type { DecoderOptions } from './observation-message.js'
import { parseMessage } from './parse-message.js'
import { type ResolvedRecord, resolveSenml } from './senml.js'

/** Units that are remembered, one a name. */
const MOST_NAMES = 10_000

/**
 * Reads packs of SenML, one a frame. Of a name, what stands behind the last ":" or "/" is the channel, what stands before is the
 * key; records of one key and time that follow each other are one observation. Values are brought to SI units; a name
 * that changes its unit is refused.
 */
export class SenmlDecoder extends ForeignDecoder {
  readonly #units = new Map<string, string>()

  constructor(options: DecoderOptions) {
    // SenML has one unit of time, and says how to tell relative times from others.
    super({ ...options, timeUnit: 's', timeCheck: false })
  }

  override save(): Readonly<Record<string, Saved>> {
    const [names, units] = [[...this.#units.keys()], [...this.#units.values()]]
    return { ...super.save(), names, units }
  }

  override restore(saved: Section): void {
    super.restore(saved)
    const units = saved.at('units').list
    saved.at('names').list.forEach((name, i) => void this.#units.set(name.text, units[i]!.text))
  }

  read(frame: string, origin: FrameOrigin): Decoded[] {
    const made: (MappedMessage | ContraflowError)[] = []
    try {
      resolveSenml(parseMessage(frame), origin.arrival, record => made.push(this.#message(record)))
    } catch (error) {
      if (!(error instanceof ContraflowError)) throw error
      return [deadLetterOf(error.code, frame, origin, error)]
    }
    if (made.length === 0) this.ignored++
    return mergeSimultaneous(made).map(message =>
      message instanceof ContraflowError
        ? deadLetterOf(message.code, frame, origin, message)
        : this.native.fromMessage(message, frame, origin),
    )
  }

  #message(record: ResolvedRecord | ContraflowError): MappedMessage | ContraflowError {
    if (record instanceof ContraflowError) return record
    const { name, t, unit = '', value } = record
    const before = this.#units.get(name)
    if (before === undefined && this.#units.size < MOST_NAMES) this.#units.set(name, unit)
    if (before !== undefined && before !== unit)
      return new ContraflowError('OBSERVATION_INVALID', {
        received: `the unit ${JSON.stringify(unit)}`,
        place: name,
        expected: `${JSON.stringify(before)}, as before`,
        remedy: 'Let the sender keep the unit of a name.',
      })
    const split = Math.max(name.lastIndexOf(':'), name.lastIndexOf('/'))
    const channel = name.slice(split + 1) || 'value'
    const values = Object.assign(Object.create(null), { [channel]: value })
    return split > 0 ? { key: name.slice(0, split), t, values } : { t, values }
  }
}
