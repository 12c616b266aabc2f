import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ContraflowError } from '../../../src/errors.js'
import { TOKEN_SCOPES, type TokenScope } from '../../../src/names.js'
import { FileChanges } from './file-changes.js'
import type { TokenSource } from './token-source.js'

/** Shorter ones can be guessed. */
const SHORTEST = 16

/** What is known of a token: enough to recognise it, not to use it. */
export type TokenDigest = Buffer

/** The tokens of one environment variable or file, and what they allow. */
export class TokenPlace {
  readonly scopes: readonly TokenScope[]
  readonly #file: string | undefined
  readonly #changes: FileChanges
  #digests: readonly TokenDigest[] = []

  private constructor({ scopes = TOKEN_SCOPES, ...source }: TokenSource) {
    this.scopes = scopes
    this.#file = 'file' in source ? source.file : undefined
    this.#changes = new FileChanges(this.#file === undefined ? [] : [this.#file])
  }

  /** @throws ContraflowError TOKEN_MISSING when there is none, or one that is too short. */
  static async open(source: TokenSource, environment: NodeJS.ProcessEnv): Promise<TokenPlace> {
    const place = new TokenPlace(source)
    if ('env' in source) place.#digests = digestsOf(environment[source.env] ?? '', `environment ${source.env}`)
    else await place.refresh()
    return place
  }

  get digests(): readonly TokenDigest[] {
    return this.#digests
  }

  /**
   * Reads the file again when it has changed. A file that cannot be read, or has no good token, changes nothing.
   * @returns Whether it was read. @throws ContraflowError TOKEN_MISSING, once for every change.
   */
  async refresh(): Promise<boolean> {
    const file = this.#file
    if (file === undefined) return false
    try {
      if (!(await this.#changes.happened())) return false
      this.#digests = digestsOf(await readFile(file, 'utf8'), file)
      return true
    } catch (error) {
      if (error instanceof ContraflowError) throw error
      throw new ContraflowError('TOKEN_MISSING', { received: (error as Error).message, place: file }, { cause: error })
    }
  }
}

/** SHA-256 of a token. */
export function digestOf(token: string): TokenDigest {
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
