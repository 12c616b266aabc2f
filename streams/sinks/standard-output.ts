import type { Writable } from 'node:stream'
import { printableJson } from '../../src/printable-json.js'
import type { Valve } from '../overflow/valve.js'
import type { LineSink, SinkStatus, Topic } from './sink.js'
import { type SinkOverflow, sinkOverflow } from './sink-overflow.js'
import { WaitingLines } from './waiting-lines.js'

/**
 * One line a message on standard output. While its reader lags behind, the policy decides. On a terminal, what could do something
 * to it is escaped.
 * @param failed Called once.
 */
export function standardOutputSink(
  valve: Valve,
  failed: (error: Error) => void,
  { policy, bytes }: Required<SinkOverflow> = sinkOverflow(),
  out: Writable & { readonly isTTY?: boolean } = process.stdout,
): LineSink {
  const shown = out.isTTY ? printableJson : (line: string) => line
  const lines = new WaitingLines()
  let [broken, behind] = [false, false]
  const pass = () => {
    while (!behind && !broken && lines.first !== undefined) {
      behind = !out.write(lines.first)
      lines.remove(1)
    }
    if (!behind || broken) valve.release(lines)
    else if (policy === 'block') valve.hold(lines)
  }
  const onError = (error: Error) => {
    if (broken) return
    broken = true
    valve.release(lines)
    failed(error)
  }
  const onDrain = () => {
    behind = false
    pass()
  }
  out.on('error', onError).on('drain', onDrain)
  return {
    get status(): SinkStatus {
      return { kind: 'ndjson', place: '-', policy, waiting: lines.bytes, dropped: lines.dropped }
    },
    write(line: string, topic?: Topic) {
      if (broken) return
      lines.push(
        shown(line),
        topic ? `${topic.kind}:${topic.key}` : '',
        policy === 'block' ? undefined : { policy, bytes },
      )
      pass()
    },
    async close() {
      for (; !broken && lines.first !== undefined; lines.remove(1)) out.write(lines.first)
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
