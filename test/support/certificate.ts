import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { temporaryDirectory } from './temporary.js'

export interface CertificateFiles {
  /** Paths in PEM. */
  readonly certificate: string
  readonly key: string
}

/** A certificate for 127.0.0.1 that only its owner vouches for. @param days How long it is valid. */
export function makeCertificate(folder = temporaryDirectory(), days = 2): CertificateFiles {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', String(days)]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', certificate, ...subject], { stdio: 'pipe' })
  return { key, certificate }
}
