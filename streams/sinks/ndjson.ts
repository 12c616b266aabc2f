import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { ContraflowError } from '../../src/errors.js'
import type { Valve } from '../valve.js'
import type { Sink } from './sink.js'

/** Takes lines, whatever they are about. */
export interface LineSink extends Sink {
  write(line: string): void
}

/** Where lines go. */
export interface NdjsonSinkOptions {
  /** "-" is standard output. */
  readonly path: string
  /** Add to the file instead of writing it anew. Default false. */
  readonly append?: boolean
}

/**
 * One line a message, to a file or standard output. When the writer lags behind, the valve is closed until it has caught up.
 * @param failed Called once when writing fails.
 */
export async function ndjsonSink(
  { path, append = false }: NdjsonSinkOptions,
  valve: Valve,
  failed: (error: Error) => void,
): Promise<LineSink> {
  const standard = path === '-'
  const out: Writable = standard ? process.stdout : await openFile(path, append)
  const holder = {}
  let broken = false
  const onError = (error: Error) => {
    broken = true
    valve.release(holder)
    failed(new ContraflowError('SINK_FAILED', { received: error.message, place: path }, { cause: error }))
  }
  const onDrain = () => valve.release(holder)
  out.on('error', onError).on('drain', onDrain)
  return {
    write(line) {
      if (!broken && !out.write(`${line}\n`)) valve.hold(holder)
    },
    async close() {
      if (!broken) await (standard ? flushed(out) : ended(out))
      out.off('error', onError).off('drain', onDrain)
    },
  }
}

/** Resolves when everything has been written, or could not be and 'error' has said so. */
function flushed(out: Writable): Promise<void> {
  // The error of a write comes after its callback.
  return new Promise(done => out.write('', () => setImmediate(done)))
}

function ended(out: Writable): Promise<void> {
  return new Promise(done => out.once('close', done).end())
}

async function openFile(path: string, append: boolean): Promise<Writable> {
  const file = createWriteStream(path, { flags: append ? 'a' : 'w' })
  try {
    await once(file, 'open')
    return file
  } catch (error) {
    throw new ContraflowError('SINK_FAILED', { received: (error as Error).message, place: path }, { cause: error })
  }
}
