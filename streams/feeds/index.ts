import type { SourceConfig } from '../../src/config/pipeline.js'
import type { Feed, FeedContext } from './feed.js'
import { logFeed } from './log.js'
import { simulateFeed } from './simulate.js'
import { stdinFeed } from './stdin.js'
import { websocketFeed } from './websocket.js'

/** The feed that a pipeline file names. */
export function openFeed(source: SourceConfig, context: FeedContext): Feed {
  switch (source.kind) {
    case 'log':
      return logFeed(source, context)
    case 'websocket':
      return websocketFeed(source, context)
    case 'stdin':
      return stdinFeed(context)
    case 'simulate':
      return simulateFeed(source, context)
    default:
      return source satisfies never
  }
}
