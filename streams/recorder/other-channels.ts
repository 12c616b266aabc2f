import { shorten } from '../../src/errors.js'

/** How the channels of a recording differ from those of a pipeline, one line; none when they are the same in the same order. */
export function otherChannels(recorded: readonly string[], now: readonly string[]): string[] {
  if (recorded.length === now.length && recorded.every((name, j) => name === now[j])) return []
  return [`channels: ${shorten(JSON.stringify(recorded))} in the recording, ${shorten(JSON.stringify(now))} now`]
}
