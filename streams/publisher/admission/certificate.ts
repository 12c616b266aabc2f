import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { ContraflowError } from '../../../src/errors.js'
import type { TlsVersion } from '../../../src/names.js'
import type { Clock } from '../../time/clock.js'
import { FileChanges } from './file-changes.js'

/** Where the certificate is that connections are encrypted with. */
export interface TlsOptions {
  /** File in PEM: the certificate of this server, then those of the authorities between it and a root. */
  readonly certificate: string
  /** File in PEM with its private key, without a passphrase. */
  readonly key: string
  /** The oldest version that is spoken. Default 1.2. */
  readonly minVersion?: TlsVersion
}

/** A certificate that can be used from now on. */
export interface Renewal {
  readonly secure: SecureContextOptions
  /** Why clients will refuse it, for the operator. */
  readonly doubt: string | undefined
}

/** A certificate and its key, which may be renewed while they are in use. */
export class Certificate {
  readonly #options: TlsOptions
  readonly #changes: FileChanges

  readonly #clock: Clock

  constructor(options: TlsOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#changes = new FileChanges([options.certificate, options.key])
  }

  /**
   * What a TLS server needs, when the files have changed since it was asked last, and the first time.
   * @throws ContraflowError CERTIFICATE_UNUSABLE, once for every change.
   */
  async renewed(): Promise<Renewal | undefined> {
    const { certificate, key, minVersion = '1.2' } = this.#options
    try {
      if (!(await this.#changes.happened())) return undefined
      const [cert, secret] = await Promise.all([readFile(certificate), readFile(key)])
      const options = { cert, key: secret, minVersion: `TLSv${minVersion}` } as const
      createSecureContext(options)
      return { secure: options, doubt: doubtful(new X509Certificate(cert), this.#clock.wall() * 1000) }
    } catch (error) {
      throw new ContraflowError(
        'CERTIFICATE_UNUSABLE',
        { received: (error as Error).message, place: `${certificate}, ${key}` },
        { cause: error },
      )
    }
  }
}

/** A certificate is no reason not to learn, so one that clients will refuse is served all the same. @param now Milliseconds. */
function doubtful({ validFrom, validTo }: X509Certificate, now: number): string | undefined {
  if (now < Date.parse(validFrom))
    return `the certificate is valid from ${validFrom} on: clients refuse it until then, or the clock here is wrong`
  if (now > Date.parse(validTo)) return `the certificate was valid until ${validTo}: clients refuse it; renew it`
  return undefined
}
