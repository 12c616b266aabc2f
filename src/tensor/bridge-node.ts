import util from 'node:util'

/**
 * Gives `node:util` back what @tensorflow/tfjs-node 4.22.0 calls and Node 23 removed. What is still there but deprecated is put in
 * its plain form, which prints no warning.
 * @see https://github.com/tensorflow/tfjs/issues/8609
 */
export function bridgeNode(target: object = util): void {
  for (const [name, value] of Object.entries(REMOVED))
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false })
}

const REMOVED: Readonly<Record<string, (value: unknown) => boolean>> = {
  isNullOrUndefined: value => value === null || value === undefined,
  isArray: value => Array.isArray(value),
}
