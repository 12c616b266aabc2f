import { readFileSync } from 'node:fs'
import { ContraflowError } from '../../../src/errors.js'

const PLACEHOLDER = /\$\{(env|file):([^}]+)\}/g

/** Shorter secrets are not looked for in what is logged: they would match anywhere. */
const SHORTEST = 4

/** Fills secrets into texts where these say \${env:NAME} or \${file:PATH}, and takes them out of what is said to people. */
export class Secrets {
  readonly #environment: NodeJS.ProcessEnv
  readonly #known = new Set<string>()

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#environment = environment
  }

  /** Whether any secret has been filled in. */
  get used(): boolean {
    return this.#known.size > 0
  }

  /** @throws ContraflowError SECRET_MISSING; it names the variable or file. */
  fill(text: string): string {
    return text.replaceAll(PLACEHOLDER, (_, kind: string, name: string) => {
      const secret = kind === 'env' ? this.#environment[name] : readSecret(name)
      if (!secret)
        throw new ContraflowError('SECRET_MISSING', { received: `no environment variable ${name}`, place: 'source' })
      this.#known.add(secret)
      return secret
    })
  }

  /** A copy of a JSON value with the secrets in all of its strings. */
  fillAll(value: unknown): unknown {
    if (typeof value === 'string') return this.fill(value)
    if (Array.isArray(value)) return value.map(item => this.fillAll(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.fillAll(item)]))
  }

  /** The text with "[secret]" for every secret that has been filled in, as it is or as it stands in an address. */
  redact(text: string): string {
    let redacted = text
    for (const secret of this.#known) {
      if (secret.length < SHORTEST) continue
      redacted = redacted.replaceAll(secret, '[secret]').replaceAll(encodeURIComponent(secret), '[secret]')
    }
    return redacted
  }
}

/** Editors end files with a line end, which no token has. */
function readSecret(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw new ContraflowError('SECRET_MISSING', { received: (error as Error).message, place: path }, { cause: error })
  }
  if (text === '') throw new ContraflowError('SECRET_MISSING', { received: 'an empty file', place: path })
  return text
}
