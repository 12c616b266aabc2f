import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Where the numbers of processes mean what they mean here: 8 hex digits of host name, start of the machine and process namespace, each empty
 * where the system does not tell. Another host, container or start of the machine has another one.
 */
export const LOCK_PLACE = createHash('sha256')
  .update(JSON.stringify([hostname(), bootOf(), namespaceOf()]))
  .digest('hex')
  .slice(0, 8)

function bootOf(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

function namespaceOf(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
