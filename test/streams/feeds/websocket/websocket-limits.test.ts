import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { websocketFeed } from '../../../../streams/feeds/websocket/websocket.js'
import { feedContext, outline, watchFeed } from '../../../support/feeds.js'
import { startServer } from '../../../support/sockets.js'

const message = (t: number) => `{"t":${t},"y":[1]}`

describe('websocketFeed, heartbeat', () => {
  it('S07: gives up a peer that does not answer pings', async () => {
    const { url, connection } = await startServer(socket => socket.send(message(1)), { autoPong: false })
    const watch = watchFeed(websocketFeed({ url, reconnect: false, heartbeat: 0.03 }, feedContext()))
    const socket = await connection()
    const pinged = once(socket, 'ping')
    const closed = once(socket, 'close')
    await watch.end
    await pinged
    // Terminated, not closed: a peer that is gone would not answer a close either.
    expect((await closed)[0]).toBe(1006)
    expect(outline(watch.values)).toEqual([1])
    expect(watch.error).toMatchObject({ code: 'FEED_GAVE_UP', received: 'no answer to a ping' })
  })

  it('connects again after it has given up a peer', async () => {
    const { url } = await startServer((socket, number) => socket.send(message(number)), { autoPong: false })
    const context = feedContext()
    const watch = watchFeed(websocketFeed({ url, heartbeat: 0.02 }, context))
    await watch.has(3)
    watch.unsubscribe()
    expect(outline(watch.values)).toEqual([1, 2, 3])
    expect(context.logs[1]).toContain('no answer to a ping; next try in')
  })

  it('keeps a peer that answers and is silent otherwise', async () => {
    const { url, connection } = await startServer()
    const watch = watchFeed(websocketFeed({ url, reconnect: false, heartbeat: 0.02 }, feedContext()))
    const socket = await connection()
    for (let i = 0; i < 6; i++) await once(socket, 'ping')
    socket.close(1000)
    await watch.end
    expect(watch.completed).toBe(true)
  })

  it('takes messages for a sign of life too', async () => {
    const { url, connection } = await startServer(() => {}, { autoPong: false })
    const watch = watchFeed(websocketFeed({ url, reconnect: false, heartbeat: 0.05 }, feedContext()))
    const socket = await connection()
    for (let i = 0; i < 5; i++) {
      await once(socket, 'ping')
      socket.send(message(i))
    }
    socket.close(1000)
    await watch.end
    expect(watch.completed).toBe(true)
    expect(outline(watch.values)).toEqual([0, 1, 2, 3, 4])
  })

  it('does not give up a peer whose answers it does not read itself because the valve is closed', async () => {
    const { url, connection } = await startServer(socket => socket.send(message(1)))
    const context = feedContext()
    const holder = {}
    const watch = watchFeed(websocketFeed({ url, reconnect: false, heartbeat: 0.02 }, context), (_, count) => {
      if (count === 1) context.valve.hold(holder)
    })
    const socket = await connection()
    for (let i = 0; i < 6; i++) await once(socket, 'ping')
    socket.send(message(2))
    context.valve.release(holder)
    await watch.has(2)
    socket.close(1000)
    await watch.end
    expect(watch.completed).toBe(true)
  })
})

describe('websocketFeed, size of messages', () => {
  it('S20: refuses a message that is too large, tells the server, and connects again', async () => {
    const codes: number[] = []
    const { url } = await startServer((socket, number) => {
      socket.on('close', code => codes.push(code))
      socket.send(message(number))
      if (number === 1) socket.send(message(9) + ' '.repeat(200))
    })
    const context = feedContext()
    const watch = watchFeed(websocketFeed({ url, maxPayload: 100 }, context))
    await watch.has(2)
    watch.unsubscribe()
    expect(outline(watch.values)).toEqual([1, 2])
    expect(codes[0]).toBe(1009)
    expect(context.logs[1]).toContain('Max payload size exceeded')
  })

  it('takes a message of exactly the largest size', async () => {
    const { url } = await startServer(socket => {
      socket.send(message(1).padEnd(100))
      socket.close(1000)
    })
    const watch = watchFeed(websocketFeed({ url, maxPayload: 100, reconnect: false }, feedContext()))
    await watch.end
    expect(outline(watch.values)).toEqual([1])
  })

  it('S21: offers no compression, so that a small frame cannot become a large message', async () => {
    const { url, server } = await startServer(socket => socket.close(1000), { perMessageDeflate: true })
    const requests: unknown[] = []
    server.on('connection', (_socket, request) => requests.push(request.headers['sec-websocket-extensions']))
    await watchFeed(websocketFeed({ url, reconnect: false }, feedContext())).end
    expect(requests).toEqual([undefined])
  })
})
