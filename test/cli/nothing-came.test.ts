import { expect, it } from 'vitest'
import { nothingCame } from '../../src/cli/nothing-came.js'
import { parsePipeline } from '../../src/config/parse-pipeline.js'

it.each([
  ['{}', 0, 0, 'stopped while waiting for a first line on standard input'],
  [
    'source: { kind: log, path: a.ndjson, follow: true }',
    0,
    0,
    'from a.ndjson: stopped while waiting for its first line',
  ],
  ['source: { kind: websocket, url: "ws://u:p@h/x?k=s" }', 0, 0, 'from ws://h/x?…: there was no connection'],
  ['source: { kind: websocket, url: "ws://h/x" }', 2, 0, 'though it was connected'],
  ['source: { kind: websocket, url: "ws://h/x" }', 1, 7, 'all 7 were passed over'],
])(
  'a run of %s that was stopped before any message says what it has waited for',
  (text, connections, ignored, says) => {
    expect(nothingCame(parsePipeline(text, 'p.yaml'), { connections, ignored }, true)).toContain(says)
  },
)
