import type { Progress } from '../../streams/pipeline/pipeline.js'
import { redact } from '../config/complaints/redact.js'
import type { PipelineConfig } from '../config/pipeline.js'

/** What of a run is to be known to say why it had nothing to do. */
type Course = Pick<Progress, 'ignored' | 'connections'>

/** Of a run without any message: what it has waited for, in one sentence. @param stopped Was it ended before its source? */
export function nothingCame({ source }: PipelineConfig, { ignored, connections }: Course, stopped: boolean): string {
  if (source === undefined || source.kind === 'stdin')
    return stopped ? 'stopped while waiting for a first line on standard input' : 'no message came from standard input'
  if (source.kind === 'simulate') return 'no message came from simulate'
  if (source.kind === 'log')
    return source.follow
      ? `no message came from ${source.path}: stopped while waiting for its first line`
      : `no message came from ${source.path}`
  const address = String(redact(source.url))
  if (connections === 0)
    return `no message came from ${address}: there was no connection; is the address right, and does the server run?`
  if (ignored > 0) return `no message of ${address} was for a rule of source.map, and all ${ignored} were passed over`
  return `no message came from ${address}, though it was connected: does it want to be asked (source.subscribe, source.dialogue)?`
}
