import { describe, expect, it } from 'vitest'
import { createDecoder } from '../../src/config/decoders/create-decoder.js'
import { parsePipeline } from '../../src/config/parse-pipeline.js'
import { websocketFeed } from '../../streams/feeds/websocket/websocket.js'
import { runPipeline } from '../../streams/pipeline/pipeline.js'
import { feedContext, outline, watchFeed } from '../support/feeds.js'
import { startServer } from '../support/sockets.js'

/** A server that greets, sends what it is asked for, and says nothing that it was not. */
const trades = (count: number) =>
  startServer(socket => {
    socket.send('{"hello":"there"}')
    socket.on('message', () => {
      socket.send('{"result":null,"id":1}')
      for (let i = 0; i < count; i++)
        socket.send(`{"e":"trade","s":"AB","T":${1_700_000_000_000 + i * 1000},"p":"${(10 + Math.sin(i)).toFixed(4)}"}`)
      socket.close(1000)
    })
  })

describe('a mapped WebSocket', () => {
  it('is learned from, and says how much of it was ignored', async () => {
    const { url } = await trades(120)
    const config = parsePipeline(
      `source:
  kind: websocket
  url: ${url}
  reconnect: false
  subscribe: [{ method: SUBSCRIBE, id: 1 }]
  map: { rules: [{ when: { /e: trade }, time: { at: /T, unit: ms }, key: "{/s}", values: { price: /p } }] }
channels: [price]
sinks: []
`,
      'test.yaml',
    )
    const progress = await runPipeline(config)
    const { received, ignored, estimates } = progress
    expect({ received, ignored, estimates }).toEqual({ received: 120, ignored: 2, estimates: 120 })
    expect([...progress.scores.keys()]).toEqual(['AB'])
  })

  it('keeps its order, and stops the server, when the decoder answers later', async () => {
    const { url } = await trades(2000)
    const decoder = await createDecoder(
      parsePipeline(
        `source: { kind: stdin, map: { jsonata: 'e = "trade" ? {"t": T / 1000 - 1700000000, "y": [$number(p)]}' }, timeCheck: false }`,
        'test.yaml',
      ),
    )
    const feed = websocketFeed({ url, reconnect: false, subscribe: ['x'] }, feedContext({ decoder }))
    const watch = watchFeed(feed)
    await watch.end
    expect(watch.error).toBeUndefined()
    expect(outline(watch.values)).toEqual(Array.from({ length: 2000 }, (_, i) => i))
    expect(decoder.ignored).toBe(2)
  })
})
