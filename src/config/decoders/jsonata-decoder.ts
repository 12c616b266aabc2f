import { ContraflowError } from '../../errors.js'
import { deadLetterOf } from './dead-letter-of.js'
import type { Decoded, FrameOrigin } from './decoder.js'
import { ForeignDecoder } from './foreign-decoder.js'
import type { DecoderOptions } from './observation-message.js'
import { parseMessage } from './parse-message.js'

/** How far an expression may go with one message: milliseconds, calls in calls, items of a list. */
const BOUNDS = { timeout: 1000, stack: 500, sequence: 100_000 }

/** An expression that has been read. */
interface Expression {
  evaluate(input: unknown): Promise<unknown>
}

/**
 * Turns messages into observations with a JSONata expression, which gives one message in the native format, an array of them, or
 * nothing. Slower than rules by far; time and depth of an evaluation are bounded.
 */
export class JsonataDecoder extends ForeignDecoder {
  readonly #expression: Expression

  private constructor(expression: Expression, options: DecoderOptions) {
    super(options)
    this.#expression = expression
  }

  /** @throws ContraflowError PACKAGE_MISSING without the package jsonata; CONFIG_INVALID when the expression is wrong. */
  static async create(text: string, options: DecoderOptions): Promise<JsonataDecoder> {
    const { default: jsonata } = await import('jsonata').catch(cause => {
      throw new ContraflowError('PACKAGE_MISSING', { received: 'no package jsonata', place: 'source.map' }, { cause })
    })
    try {
      return new JsonataDecoder(jsonata(text, BOUNDS), options)
    } catch (error) {
      const { message, position } = error as { message: string; position?: number }
      throw new ContraflowError('CONFIG_INVALID', {
        received: `${message} (at character ${position ?? '?'})`,
        place: 'source.map.jsonata',
        expected: 'a JSONata expression',
      })
    }
  }

  async read(frame: string, origin: FrameOrigin): Promise<Decoded[]> {
    try {
      const result = await this.#evaluate(parseMessage(frame))
      const messages = Array.isArray(result) ? result : result === undefined || result === null ? [] : [result]
      if (messages.length === 0) this.ignored++
      return messages.map(message => this.native.fromMessage(message, frame, origin))
    } catch (error) {
      if (!(error instanceof ContraflowError)) throw error
      return [deadLetterOf(error.code, frame, origin, error)]
    }
  }

  async #evaluate(message: unknown): Promise<unknown> {
    try {
      return await this.#expression.evaluate(message)
    } catch (error) {
      throw new ContraflowError('OBSERVATION_INVALID', {
        received: (error as Error).message ?? String(error),
        place: 'map.jsonata',
        expected: 'a message that the expression can take',
        remedy: 'Correct the expression.',
      })
    }
  }
}
