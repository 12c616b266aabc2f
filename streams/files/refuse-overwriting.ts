import type { PipelineConfig } from '../../src/config/pipeline.js'
import { ContraflowError } from '../../src/errors.js'
import { directoryLogs } from '../feeds/log/log-set.js'
import { isSameFile } from './same-file.js'

/**
 * Refuses a pipeline that would write into the log that it reads, or write two things into one file, before either is opened.
 * @throws ContraflowError CONFIG_INVALID
 */
export async function refuseOverwriting({ source, sinks = [], deadLetters }: PipelineConfig): Promise<void> {
  const outputs = sinks.flatMap(sink => (sink.kind === 'ndjson' && sink.path !== '-' ? [sink.path] : []))
  if (deadLetters) outputs.push(deadLetters.path)
  const inputs = source?.kind === 'log' ? [source.path, ...(await logsIn(source.path))] : []
  for (const [i, output] of outputs.entries()) {
    for (const input of inputs)
      if (await isSameFile(input, output)) throw refusal(output, `${input}, the log itself, as output`)
    for (const other of outputs.slice(0, i))
      if (await isSameFile(other, output)) throw refusal(output, 'two outputs into one file')
  }
}

/** Files of a directory of logs; none of anything else. */
async function logsIn(path: string): Promise<readonly string[]> {
  return directoryLogs(path)
    .list()
    .catch(() => [])
}

function refusal(place: string, received: string): ContraflowError {
  return new ContraflowError('CONFIG_INVALID', {
    received,
    place,
    expected: 'a file of its own for every output',
    remedy: 'Write to another file; nothing has been touched.',
  })
}
