import { identity, type MonoTypeOperatorFunction, pipe } from 'rxjs'
import type { PipelineConfig } from '../src/config/pipeline.js'
import type { Delivery } from './feeds/feed.js'
import { type MarkSilenceOptions, markSilence } from './mark-silence.js'
import { withinSkew } from './within-skew.js'

/**
 * All that a pipeline decides by the clock: what is too far ahead of it (`source.maxSkew`), and which keys are silent
 * (`learn.idle`, of sources that give what happens now). Belongs before the recorder, so that nothing behind it needs a clock.
 */
export function clockDecisions(
  { source = { kind: 'stdin' }, learn: { idle, maxKeys } = {} }: PipelineConfig,
  context: Omit<MarkSilenceOptions, 'idle' | 'maxKeys'>,
): MonoTypeOperatorFunction<Delivery> {
  const maxSkew = 'maxSkew' in source ? source.maxSkew : undefined
  const live = source.kind === 'websocket' || source.kind === 'stdin' || (source.kind === 'log' && source.follow)
  return pipe(
    maxSkew === undefined ? identity : withinSkew(maxSkew, context.clock),
    idle !== undefined && live
      ? markSilence({ ...context, idle, ...(maxKeys !== undefined && { maxKeys }) })
      : identity,
  )
}
