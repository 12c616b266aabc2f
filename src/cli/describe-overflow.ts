import { DEFAULT_LIMIT } from '../../streams/overflow/overflow-queue.js'
import { sinkOverflow } from '../../streams/sinks/sink-overflow.js'
import type { PipelineConfig, SinkConfig } from '../config/pipeline.js'

/** What gives in each queue of a pipeline file when more comes than can be taken, defaults included. */
export function describeOverflow({
  source,
  sinks = [{ kind: 'ndjson', path: '-' }],
  deadLetters,
}: PipelineConfig): string[] {
  const files = deadLetters ? [{ kind: 'ndjson', ...deadLetters } as const] : []
  const before = source !== undefined && source.kind !== 'simulate' ? source.overflow : undefined
  const queue = before
    ? `${before.policy}, ${before.limit ?? DEFAULT_LIMIT} values before the learners`
    : 'the feed waits for the learners'
  return [queue, ...[...sinks, ...files].map(describeSink)]
}

function describeSink(sink: SinkConfig): string {
  if (sink.kind === 'websocket') return `coalesce for each subscriber on port ${sink.port}`
  const { policy, bytes } = sinkOverflow(sink.overflow)
  return `${policy}, ${bytes} bytes before ${sink.path === '-' ? 'standard output' : sink.path}`
}
