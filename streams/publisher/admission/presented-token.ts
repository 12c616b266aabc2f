import type { IncomingHttpHeaders } from 'node:http'

/** Version of the protocol, and the name a client offers to speak it. */
export const PROTOCOL = 'contraflow.v1'

/** What a client has brought with its request. */
export interface Presented {
  /** From "Authorization: Bearer …", or from the sub-protocol "token.BASE64URL" for browsers, which cannot set headers. */
  readonly token?: string
  /** Did it offer to speak our protocol? */
  readonly speaksProtocol: boolean
}

export function presentedBy(headers: IncomingHttpHeaders): Presented {
  const offers = (headers['sec-websocket-protocol'] ?? '').split(',').map(offer => offer.trim())
  const speaksProtocol = offers.includes(PROTOCOL)
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const encoded = offers.find(offer => offer.startsWith('token.'))?.slice('token.'.length)
  const token = bearer ?? (encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString())
  return token === undefined ? { speaksProtocol } : { token, speaksProtocol }
}
