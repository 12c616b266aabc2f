import { shorten } from '../../../src/errors.js'
import { printable } from '../../../src/printable.js'

/** What the codes of RFC 6455 and of the IANA registry mean. */
const MEANINGS: Readonly<Record<number, string>> = {
  1000: 'the server has sent everything',
  1001: 'the server goes away',
  1002: 'the server says that we broke the protocol',
  1003: 'the server does not take this kind of data',
  1005: 'without a code',
  1006: 'the connection broke off',
  1007: 'the server could not read what we sent',
  1008: 'the server refuses what we sent or who we are',
  1009: 'what we sent is too large for the server',
  1010: 'the server lacks an extension',
  1011: 'an error in the server',
  1012: 'the server restarts',
  1013: 'the server is overloaded',
  1014: 'a gateway got a bad answer',
  1015: 'the certificate was not accepted',
}

/** A close in words, with what the server said about it. */
export function closeReason(code: number, reason: string): string {
  const meaning = MEANINGS[code] ?? (code >= 4000 ? 'a code of this server' : 'an unknown code')
  const said = reason === '' ? '' : `: ${shorten(printable(reason), 123)}`
  return `closed with ${code} (${meaning})${said}`
}
