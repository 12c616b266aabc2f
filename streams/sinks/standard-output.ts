import type { Writable } from 'node:stream'
import { printableJson } from '../../src/printable-json.js'
import type { Valve } from '../valve.js'
import type { LineSink } from './sink.js'

/**
 * One line a message on standard output. While its reader lags behind, the valve is closed. On a terminal, what could do something
 * to it is escaped.
 * @param failed Called once.
 */
export function standardOutputSink(
  valve: Valve,
  failed: (error: Error) => void,
  out: Writable & { readonly isTTY?: boolean } = process.stdout,
): LineSink {
  const shown = out.isTTY ? printableJson : (line: string) => line
  const holder = {}
  let broken = false
  const onError = (error: Error) => {
    if (broken) return
    broken = true
    valve.release(holder)
    failed(error)
  }
  const onDrain = () => valve.release(holder)
  out.on('error', onError).on('drain', onDrain)
  return {
    write(line) {
      if (!broken && !out.write(`${shown(line)}\n`)) valve.hold(holder)
    },
    async close() {
      if (!broken) await flushed(out)
      out.off('error', onError).off('drain', onDrain)
    },
  }
}

/** Resolves when everything has been written, or could not be and 'error' has said so. */
function flushed(out: Writable): Promise<void> {
  // The error of a write comes after its callback.
  return new Promise(done => out.write('', () => setImmediate(done)))
}
