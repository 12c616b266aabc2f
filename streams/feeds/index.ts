import { defer, mergeAll } from 'rxjs'
import type { SourceConfig } from '../../src/config/pipeline.js'
import type { Feed, FeedContext } from './feed.js'
import { logFeed } from './log.js'
import { simulateFeed } from './simulate.js'
import { stdinFeed } from './stdin.js'

/** The feed that a pipeline file names. */
export function openFeed(source: SourceConfig, context: FeedContext): Feed {
  switch (source.kind) {
    case 'log':
      return logFeed(source, context)
    case 'websocket':
      return loaded(async () => (await import('./websocket.js')).websocketFeed(source, context))
    case 'stdin':
      return stdinFeed(context)
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
