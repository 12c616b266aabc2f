import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { websocketFeed } from '../../../../streams/feeds/websocket/websocket.js'
import type { WebSocketFeedOptions } from '../../../../streams/feeds/websocket/websocket-options.js'
import { feedContext, outline, watchFeed } from '../../../support/feeds.js'
import { startServer } from '../../../support/sockets.js'

const message = (t: number) => `{"t":${t},"y":[1]}`

/** A feed that does not connect again. */
function watchOnce(url: string, options: Partial<WebSocketFeedOptions> = {}, context = feedContext()) {
  return watchFeed(websocketFeed({ url, reconnect: false, ...options }, context))
}

describe('websocketFeed', () => {
  it('gives what the server sends, in order, and completes when it closes', async () => {
    const { url } = await startServer(socket => {
      for (let t = 0; t < 500; t++) socket.send(message(t))
      socket.close(1000)
    })
    const watch = watchOnce(url)
    await watch.end
    expect(outline(watch.values)).toEqual(Array.from({ length: 500 }, (_, t) => t))
    expect(watch.completed).toBe(true)
  })

  it('says which message could not be used, and goes on', async () => {
    const { url } = await startServer(socket => {
      for (const text of [message(1), 'oops', message(2), '{"t":3,"y":"1"}', '', message(4)]) socket.send(text)
      socket.close(1000)
    })
    const watch = watchOnce(`${url}/feed`)
    await watch.end
    const [NOT_JSON, INVALID] = ['OBSERVATION_NOT_JSON', 'OBSERVATION_INVALID']
    expect(outline(watch.values)).toEqual([1, NOT_JSON, 2, INVALID, NOT_JSON, 4])
    expect(watch.values[1]).toMatchObject({ place: `${url}/feed, message 2`, received: 'oops' })
    expect(watch.values[3]).toMatchObject({ place: `${url}/feed, message 4` })
  })

  it('makes a dead letter of a binary frame, even of one that holds a message, and goes on', async () => {
    const { url } = await startServer(socket => {
      socket.send(message(1))
      socket.send(Buffer.from(message(2)))
      socket.send(new Uint8Array(1000).fill(0xff))
      socket.send(message(3))
      socket.close(1000)
    })
    const watch = watchOnce(url)
    await watch.end
    expect(outline(watch.values)).toEqual([1, 'OBSERVATION_NOT_JSON', 'OBSERVATION_NOT_JSON', 3])
    expect(watch.values[2]).toMatchObject({ received: 'a binary frame of 1000 bytes' })
  })

  it('reads messages that come in fragments', async () => {
    const { url } = await startServer(socket => {
      const text = message(7)
      socket.send(text.slice(0, 5), { fin: false })
      socket.send(text.slice(5, 6), { fin: false })
      socket.send(text.slice(6), { fin: true }, () => socket.close(1000))
    })
    const watch = watchOnce(url)
    await watch.end
    expect(outline(watch.values)).toEqual([7])
  })

  it('sends what it subscribes with after every connect, in order: texts as they are, the rest as JSON', async () => {
    const subscribe = ['{ "as": "is" }', { topic: 'room', depth: [1, null] }, 3, 'last']
    const expected = ['{ "as": "is" }', '{"topic":"room","depth":[1,null]}', '3', 'last']
    const heard: string[][] = []
    const { url } = await startServer((socket, number) => {
      const texts: string[] = []
      heard.push(texts)
      socket.on('message', data => {
        if (texts.push(data.toString()) < subscribe.length) return
        socket.send(message(number))
        socket.close(1000)
      })
    })
    const watch = watchFeed(websocketFeed({ url, subscribe }, feedContext()))
    await watch.has(3)
    watch.unsubscribe()
    expect(heard.slice(0, 3)).toEqual([expected, expected, expected])
    expect(outline(watch.values)).toEqual([1, 2, 3])
  })

  it('stops reading while the valve is closed, which stops the server, and loses nothing', async () => {
    const COUNT = 20_000
    // More than the buffers of both ends hold.
    const padding = ' '.repeat(1000)
    const { url, connection } = await startServer(socket => {
      for (let t = 0; t < COUNT; t++) socket.send(message(t) + padding)
    })
    const context = feedContext()
    const holder = {}
    const watch = watchFeed(websocketFeed({ url, heartbeat: 0.02 }, context), (_, count) => {
      if (count === 5) context.valve.hold(holder)
    })
    const server = await connection()
    await watch.has(5)
    // Five heartbeats of the client go by.
    for (let i = 0; i < 5; i++) await once(server, 'ping')
    // No more than one chunk of the socket, 64 KiB.
    expect(watch.values.length).toBeLessThan(70)
    expect(server.bufferedAmount).toBeGreaterThan(COUNT * 500)
    context.valve.release(holder)
    await watch.has(COUNT)
    watch.unsubscribe()
    expect(outline(watch.values)).toEqual(Array.from({ length: COUNT }, (_, t) => t))
  })

  it('closes the connection in good order when it is unsubscribed', async () => {
    const { url, connection } = await startServer(socket => socket.send(message(1)))
    const watch = watchFeed(websocketFeed({ url }, feedContext()))
    const socket = await connection()
    const closed = once(socket, 'close')
    await watch.has(1)
    watch.unsubscribe()
    const [code] = await closed
    expect(code).toBe(1000)
    expect(watch.completed).toBe(false)
    expect(watch.error).toBeUndefined()
  })
})
