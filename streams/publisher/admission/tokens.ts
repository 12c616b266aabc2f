import { timingSafeEqual } from 'node:crypto'
import type { TokenScope } from '../../../src/names.js'
import { digestOf, type TokenDigest, TokenPlace } from './token-place.js'
import type { TokenSource } from './token-source.js'

/** The tokens that let subscribers in. Compares digests, so the time it takes says nothing about the token. */
export class Tokens {
  readonly #places: readonly TokenPlace[]

  private constructor(places: readonly TokenPlace[]) {
    this.#places = places
  }

  /** @throws ContraflowError TOKEN_MISSING when a place has none, or one that is too short. */
  static async open(sources: readonly TokenSource[], environment: NodeJS.ProcessEnv = process.env): Promise<Tokens> {
    return new Tokens(await Promise.all(sources.map(source => TokenPlace.open(source, environment))))
  }

  /** The digest of the token when it is one of ours. */
  recognise(token: string): TokenDigest | undefined {
    const digest = digestOf(token)
    return this.scopesOf(digest).size > 0 ? digest : undefined
  }

  /** What a token allows now: everything that one of the places that have it allows, nothing when it is none of ours. */
  scopesOf(digest: TokenDigest): ReadonlySet<TokenScope> {
    // All are compared, so that the time does not tell which one it is.
    const holders = this.#places.filter(({ digests }) => digests.filter(own => timingSafeEqual(own, digest)).length > 0)
    return new Set(holders.flatMap(({ scopes }) => scopes))
  }

  /**
   * Reads the files again that have changed. One that cannot be read, or has no good token, changes nothing.
   * @returns Whether a file was read, and what was wrong with the others, said once for every change.
   */
  async refresh(): Promise<{ changed: boolean; problems: Error[] }> {
    const results = await Promise.allSettled(this.#places.map(place => place.refresh()))
    return {
      changed: results.some(result => result.status === 'fulfilled' && result.value),
      problems: results.flatMap(result => (result.status === 'rejected' ? [result.reason as Error] : [])),
    }
  }
}
