import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * Who is at the other end. X-Forwarded-For counts only when it comes from a proxy of ours, and then the last address that
 * is not a proxy's, because everything before it may be made up.
 */
export function clientAddress(request: IncomingMessage, proxies: ReadonlySet<string>): string {
  const direct = plainAddress(request.socket.remoteAddress ?? '')
  if (!proxies.has(direct)) return direct
  const header = request.headers['x-forwarded-for']
  const chain = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map(part => plainAddress(part.trim()))
  return chain.reverse().find(address => isIP(address) !== 0 && !proxies.has(address)) ?? direct
}

/** An IPv4 address that came over IPv6 as IPv4. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
}
