import { ContraflowError } from '../../errors.js'
import type { TimeUnit } from '../../names.js'
import { compileRules, type MappedMessage, type Mapper } from '../mapping/mapping.js'
import type { Mapping, Rule } from '../mapping/mapping-schema.js'
import { deadLetterOf } from './dead-letter-of.js'
import type { Decoded, FrameOrigin } from './decoder.js'
import { ForeignDecoder } from './foreign-decoder.js'
import type { DecoderOptions } from './observation-message.js'
import { parseMessage } from './parse-message.js'

/** Turns the messages of any JSON feed into observations by the rules of a pipeline file. */
export class MappedDecoder extends ForeignDecoder {
  readonly #map: Mapper
  readonly #wants: (channel: string) => boolean
  readonly #otherwise: 'ignore' | 'refuse'

  constructor({ rules = [], otherwise = 'ignore', unlisted = 'refuse' }: Mapping, options: DecoderOptions) {
    // Times are in seconds when the rules have been applied.
    super({ ...options, timeUnit: 's', writtenIn: options.timeUnit ?? 's' })
    const unit: TimeUnit | 'auto' = options.timeUnit ?? 's'
    this.#map = compileRules(rules as readonly Rule[], unit)
    this.#otherwise = otherwise
    const { channels } = options
    const listed = new Set(channels)
    this.#wants = unlisted === 'ignore' && channels ? name => listed.has(name) : () => true
  }

  read(frame: string, origin: FrameOrigin): Decoded[] {
    const made: (MappedMessage | ContraflowError)[] = []
    let applied: boolean
    try {
      const scope = { item: parseMessage(frame), name: '', parent: undefined }
      const { arrival } = origin
      applied = this.#map(scope, { arrival, wants: this.#wants, emit: message => made.push(message) })
    } catch (error) {
      if (!(error instanceof ContraflowError)) throw error
      return [deadLetterOf(error.code, frame, origin, error)]
    }
    if (made.length === 0)
      return applied || this.#otherwise === 'ignore' ? this.#pass() : [this.#unknown(frame, origin)]
    return mergeSimultaneous(made).map(message =>
      message instanceof ContraflowError
        ? deadLetterOf(message.code, frame, origin, message)
        : this.native.fromMessage(message, frame, origin),
    )
  }

  #pass(): Decoded[] {
    this.ignored++
    return []
  }

  #unknown(frame: string, origin: FrameOrigin): Decoded {
    return deadLetterOf('OBSERVATION_INVALID', frame, origin, {
      expected: 'a message that a rule of the mapping is for',
      remedy: 'Add a rule, or set map.otherwise: ignore.',
    })
  }
}

/** Neighbours with the same key and time that have no channel in common are one observation. */
export function mergeSimultaneous(
  made: readonly (MappedMessage | ContraflowError)[],
): (MappedMessage | ContraflowError)[] {
  const merged: (MappedMessage | ContraflowError)[] = []
  for (const message of made) {
    const last = merged.at(-1)
    if (last === undefined || !areOne(last, message)) merged.push(message)
    else Object.assign((last as MappedMessage).values!, (message as MappedMessage).values)
  }
  return merged
}

function areOne(a: MappedMessage | ContraflowError, b: MappedMessage | ContraflowError): boolean {
  if (a instanceof ContraflowError || b instanceof ContraflowError) return false
  if (a.t !== b.t || a.key !== b.key || isSpecial(a) || isSpecial(b)) return false
  return !Object.keys(b.values!).some(name => name in a.values!)
}

/** Has it a name of its own, or does it change another one? */
function isSpecial({ id, seq, correct, retract }: MappedMessage): boolean {
  return id !== undefined || seq !== undefined || correct === true || retract === true
}
