import { defer, mergeAll } from 'rxjs'
import type { SourceConfig } from '../../src/config/pipeline.js'
import { formatOf } from '../../src/config/source-format.js'
import { isRecording, recordingFeed } from '../recorder/recording-feed.js'
import type { LineOptions } from './bytes/line-splitter.js'
import type { Feed, FeedContext } from './feed.js'
import { logFeed } from './log/log.js'
import { simulateFeed } from './simulate.js'
import { stdinFeed } from './stdin.js'

/**
 * The feed that a pipeline file names: its `source`, decoded into observations and dead letters. Nothing is opened before somebody subscribes.
 * @param source As `parsePipeline` gives it. @param context Decoder, valve and clock; with `from` it goes on from that position.
 * @remarks Ends in the error of its kind: FILE_UNREADABLE, FILE_DAMAGED, SECRET_MISSING, FEED_GAVE_UP. One message that cannot be used is a dead
 * letter and ends nothing.
 */
export function openFeed(source: SourceConfig, context: FeedContext): Feed {
  switch (source.kind) {
    case 'log':
      return loaded(async () =>
        (await isRecording(source.path))
          ? recordingFeed(source, context)
          : logFeed({ ...source, ...textOf(source) }, context),
      )
    case 'websocket':
      return loaded(async () => (await import('./websocket/websocket.js')).websocketFeed(source, context))
    case 'stdin':
      return stdinFeed(context, process.stdin, textOf(source))
    case 'simulate':
      return simulateFeed(source, context)
    default:
      return source satisfies never
  }
}

/** A feed whose code is loaded when it is needed: a start without it is faster. */
function loaded(load: () => Promise<Feed>): Feed {
  return defer(load).pipe(mergeAll())
}

/** A row of CSV may hold line ends, and a part of one may look like a whole one. */
function textOf(source: SourceConfig): Pick<LineOptions, 'maxLine' | 'quoted' | 'openEnd'> {
  const maxLine = 'maxLine' in source ? source.maxLine : undefined
  return {
    ...(maxLine !== undefined && { maxLine }),
    ...(formatOf(source) === 'csv' && { quoted: true, openEnd: false }),
  }
}
