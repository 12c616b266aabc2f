import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { ContraflowError } from '../../src/errors.js'

/** Where tokens are kept; never in the pipeline file or on the command line, which others can read. */
export type TokenSource =
  /** Name of an environment variable. */
  | { readonly env: string }
  /** A file with one token a line. It is read again when it changes; who came with a token that is gone is sent away. */
  | { readonly file: string }

/** Shorter ones can be guessed. */
const SHORTEST = 16

/** What is known of a token: enough to recognise it, not to use it. */
export type TokenDigest = Buffer

/** The tokens that let subscribers in. Compares digests, so the time it takes says nothing about the token. */
export class Tokens {
  readonly #file: string | undefined
  #digests: readonly TokenDigest[]
  #changed: number

  private constructor(digests: readonly TokenDigest[], file?: string, changed = 0) {
    this.#digests = digests
    this.#file = file
    this.#changed = changed
  }

  /** @throws ContraflowError TOKEN_MISSING when there is none, or one that is too short. */
  static async open(source: TokenSource, environment: NodeJS.ProcessEnv = process.env): Promise<Tokens> {
    if ('env' in source) return new Tokens(digestsOf(environment[source.env] ?? '', `environment ${source.env}`))
    const { text, changed } = await readTokens(source.file)
    return new Tokens(digestsOf(text, source.file), source.file, changed)
  }

  /** The digest of the token when it is one of ours. */
  recognise(token: string): TokenDigest | undefined {
    const digest = digestOf(token)
    // All are compared, so that the time does not tell which one it is.
    return this.#digests.filter(own => timingSafeEqual(own, digest))[0]
  }

  /** Does a token that let someone in still count? */
  valid(digest: TokenDigest): boolean {
    return this.#digests.some(own => timingSafeEqual(own, digest))
  }

  /**
   * Reads the file again when it has changed. A file that cannot be read, or has no good token, changes nothing.
   * @returns Whether the tokens have changed. @throws ContraflowError TOKEN_MISSING
   */
  async refresh(): Promise<boolean> {
    if (this.#file === undefined) return false
    const { mtimeMs } = await stat(this.#file).catch(unreadable(this.#file))
    if (mtimeMs === this.#changed) return false
    // Whatever is wrong with it is said once a change.
    this.#changed = mtimeMs
    this.#digests = digestsOf((await readTokens(this.#file)).text, this.#file)
    return true
  }
}

function digestOf(token: string): TokenDigest {
  return createHash('sha256').update(token).digest()
}

function digestsOf(text: string, place: string): TokenDigest[] {
  const tokens = text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '')
  if (tokens.length > 0 && tokens.every(token => token.length >= SHORTEST)) return tokens.map(digestOf)
  const received = tokens.length === 0 ? 'no token' : `a token of fewer than ${SHORTEST} characters`
  throw new ContraflowError('TOKEN_MISSING', { received, place })
}

async function readTokens(file: string): Promise<{ text: string; changed: number }> {
  const { mtimeMs } = await stat(file).catch(unreadable(file))
  return { text: await readFile(file, 'utf8').catch(unreadable(file)), changed: mtimeMs }
}

function unreadable(place: string): (error: Error) => never {
  return error => {
    throw new ContraflowError('TOKEN_MISSING', { received: error.message, place }, { cause: error })
  }
}
