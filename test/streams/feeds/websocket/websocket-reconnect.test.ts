import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { websocketFeed } from '../../../../streams/feeds/websocket/websocket.js'
import { CountingClock, StandingClock } from '../../../support/clock.js'
import { feedContext, outline, watchFeed } from '../../../support/feeds.js'
import { closedPort, closeServer, startServer, startTcpServer } from '../../../support/sockets.js'

const message = (t: number) => `{"t":${t},"y":[1]}`

describe('websocketFeed that connects again', () => {
  it('waits twice as long before every try, up to half a minute, times a random number', async () => {
    const { url } = await startServer(socket => socket.close(1001))
    for (const share of [1, 0.5, 0]) {
      const clock = new CountingClock(9)
      const watch = watchFeed(websocketFeed({ url }, feedContext({ clock, random: () => share })))
      await clock.done
      watch.unsubscribe()
      const bounds = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]
      expect(clock.sleeps.slice(0, 9)).toEqual(bounds.map(bound => share * bound))
    }
  })

  it('draws a new random number for every wait', async () => {
    const { url } = await startServer(socket => socket.close(1001))
    const clock = new CountingClock(4)
    const numbers = [0.9, 0.1, 0.5, 0.2, 0, 0, 0]
    const watch = watchFeed(websocketFeed({ url }, feedContext({ clock, random: () => numbers.shift() ?? 0 })))
    await clock.done
    watch.unsubscribe()
    expect(clock.sleeps.slice(0, 4)).toEqual([450, 100, 1000, 800])
  })

  it('keeps trying a server that is not there', async () => {
    const clock = new CountingClock(40)
    const context = feedContext({ clock })
    const watch = watchFeed(websocketFeed({ url: `ws://127.0.0.1:${await closedPort()}` }, context))
    await clock.done
    watch.unsubscribe()
    expect(watch.error).toBeUndefined()
    expect(clock.sleeps.slice(8, 40)).toEqual(new Array(32).fill(15_000))
    expect(context.logs[0]).toContain('ECONNREFUSED')
  })

  it('begins with short waits again after a message has come', async () => {
    const { url } = await startServer((socket, number) => {
      if (number === 4) socket.send(message(4))
      socket.close(1001)
    })
    const clock = new CountingClock(5)
    const watch = watchFeed(websocketFeed({ url }, feedContext({ clock, random: () => 1 })))
    await clock.done
    watch.unsubscribe()
    expect(clock.sleeps.slice(0, 5)).toEqual([500, 1000, 2000, 500, 1000])
  })

  it('F23: closes with 1008 what sends nothing that can be used, and waits longer every time, until it is better', async () => {
    const codes: number[] = []
    const { url } = await startServer((socket, number) => {
      socket.on('close', code => codes.push(code))
      if (number === 3) socket.send(message(1))
      for (let i = 0; i < 30; i++) socket.send('garbage')
    })
    const clock = new CountingClock(4)
    const context = feedContext({ clock, random: () => 1 })
    const watch = watchFeed(websocketFeed({ url, rejectBudget: 10 }, context))
    await clock.done
    watch.unsubscribe()
    expect(clock.sleeps.slice(0, 4)).toEqual([1000, 2000, 1000, 2000])
    expect(codes.slice(0, 3)).toEqual([1008, 1008, 1008])
    expect(outline(watch.values).slice(0, 31)).toEqual([
      ...new Array(20).fill('OBSERVATION_NOT_JSON'),
      1,
      ...new Array(10).fill('OBSERVATION_NOT_JSON'),
    ])
    expect(context.logs).toContainEqual(
      expect.stringMatching(/10 messages in a row could not be used; next try in 1\.0 s/),
    )
  })

  it('F23: keeps a connection as long as something that can be used comes in between', async () => {
    const { url } = await startServer((socket, number) => {
      for (let i = 0; i < 90; i++) socket.send(i % 10 === 9 ? message(100 * number + i) : 'garbage')
    })
    const watch = watchFeed(websocketFeed({ url, rejectBudget: 10 }, feedContext()))
    await watch.has(90)
    watch.unsubscribe()
    expect(outline(watch.values).filter(one => one !== 'OBSERVATION_NOT_JSON')).toEqual(
      Array.from({ length: 9 }, (_, i) => 109 + 10 * i),
    )
  })

  const endings: [how: string, end: (socket: WebSocket) => void, reason: string][] = [
    ['a close', socket => socket.close(1012), 'closed with 1012 (the server restarts)'],
    ['a connection that breaks', socket => socket.terminate(), 'closed with 1006 (the connection broke off)'],
  ]
  it.each(endings)('goes on where it was after %s, and says why', async (_how, end, reason) => {
    const { url } = await startServer((socket, number) => {
      socket.send(message(2 * number - 1))
      socket.send(message(2 * number), () => end(socket))
    })
    const context = feedContext()
    const watch = watchFeed(websocketFeed({ url }, context))
    await watch.has(6)
    watch.unsubscribe()
    expect(outline(watch.values).slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6])
    expect(context.logs.slice(0, 3)).toEqual([
      `${url}/: connected`,
      `${url}/: ${reason}; next try in 0.3 s`,
      `${url}/: connected`,
    ])
  })

  it('survives the restart of its server', async () => {
    const first = await startServer(socket => socket.send(message(1)))
    const watch = watchFeed(websocketFeed({ url: first.url }, feedContext()))
    await watch.has(1)
    await closeServer(first.server)
    await startServer(socket => socket.send(message(2)), { port: Number(new URL(first.url).port) })
    await watch.has(2)
    watch.unsubscribe()
    expect(outline(watch.values)).toEqual([1, 2])
  })

  it('does not connect again after it was unsubscribed while it waited', async () => {
    const server = await startServer(socket => socket.close(1001))
    const clock = new StandingClock()
    const watch = watchFeed(websocketFeed({ url: server.url }, feedContext({ clock })))
    await clock.asleep
    watch.unsubscribe()
    let connections = 0
    server.server.on('connection', () => connections++)
    // A whole connection of another client fits in before it would have come.
    const other = watchFeed(websocketFeed({ url: server.url, reconnect: false }, feedContext()))
    await other.end
    expect(connections).toBe(1)
  })
})

describe('websocketFeed that does not connect again', () => {
  const gaveUp = (received: string) => ({ code: 'FEED_GAVE_UP', received: expect.stringContaining(received) })
  async function endOf(url: string, options: { handshakeTimeout?: number } = {}) {
    const watch = watchFeed(websocketFeed({ url, reconnect: false, ...options }, feedContext()))
    await watch.end
    return watch
  }

  it.each([1000, 1001, undefined])('completes when the server is done (close code %s)', async code => {
    const { url } = await startServer(socket => socket.close(code))
    expect(await endOf(url)).toMatchObject({ completed: true, error: undefined })
  })

  it.each([1008, 1011, 4401])('ends in FEED_GAVE_UP when the server closes with an error (%i)', async code => {
    const { url } = await startServer(socket => socket.close(code, 'because'))
    expect((await endOf(url)).error).toMatchObject(gaveUp(`closed with ${code}`))
  })

  it('ends in FEED_GAVE_UP when the connection breaks, after what came before', async () => {
    const { url } = await startServer(socket => socket.send(message(1), () => socket.terminate()))
    const watch = await endOf(url)
    expect(outline(watch.values)).toEqual([1])
    expect(watch.error).toMatchObject(gaveUp('closed with 1006'))
  })

  it('ends in FEED_GAVE_UP when nobody is there', async () => {
    const url = `ws://127.0.0.1:${await closedPort()}`
    expect((await endOf(url)).error).toMatchObject({ ...gaveUp('ECONNREFUSED'), place: `${url}/` })
  })

  it.each([401, 404, 302, 200])('ends in FEED_GAVE_UP when the answer is %i', async status => {
    const { port } = await startTcpServer(socket => {
      socket.end(`HTTP/1.1 ${status} No\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n`)
    })
    expect((await endOf(`ws://127.0.0.1:${port}`)).error).toMatchObject(gaveUp(`${status}`))
  })

  it('ends in FEED_GAVE_UP when a server takes the connection and says nothing', async () => {
    const { port, sockets } = await startTcpServer()
    const watch = await endOf(`ws://127.0.0.1:${port}`, { handshakeTimeout: 0.05 })
    expect(watch.error).toMatchObject(gaveUp('handshake has timed out'))
    if (!sockets[0]!.closed) await once(sockets[0]!, 'close')
  })
})
