import { isIP } from 'node:net'

/**
 * The name in a Host header, without port and in lower case; undefined when it is no such header.
 * "[::1]:8765" gives "::1".
 */
export function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::\d{1,5})?$/i.exec(header ?? '')
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}

/**
 * May a request with this Host header be answered? A page of a stranger can point its own name at this machine (DNS
 * rebinding); it cannot do so with an address or with "localhost".
 * @param allowed Names that are ours, in lower case.
 */
export function isOwnHost(header: string | undefined, allowed: ReadonlySet<string>): boolean {
  const name = hostName(header)
  return name !== undefined && (name === 'localhost' || isIP(name) !== 0 || allowed.has(name))
}
