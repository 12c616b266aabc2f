import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { websocketFeed } from '../../../../streams/feeds/websocket/websocket.js'
import { CountingClock, StandingClock } from '../../../support/clock.js'
import { feedContext, watchFeed } from '../../../support/feeds.js'
import { settledHeap } from '../../../support/heap.js'
import { closedPort, shortFrame, startServer, startTcpServer, upgradeRaw } from '../../../support/sockets.js'

const message = (t: number) => `{"t":${t},"y":[1]}`

describe('websocketFeed, what it leaves behind', () => {
  /** Timers and sockets of this process. */
  const resources = () => process.getActiveResourcesInfo().filter(kind => /Timeout|TCPSocketWrap/.test(kind))

  it('X16: leaves no timer and no socket, however often it is opened and closed', async () => {
    const { url, server } = await startServer(socket => socket.send(message(1)))
    const before = resources()
    for (let i = 0; i < 30; i++) {
      const watch = watchFeed(websocketFeed({ url }, feedContext()))
      await watch.has(1)
      watch.unsubscribe()
      for (const socket of server.clients) await once(socket, 'close')
    }
    // The last client socket is destroyed when it has read the end that the server has just sent.
    for (let i = 0; i < 100 && resources().length > before.length; i++) await new Promise(setImmediate)
    // The test runner may have a timer of its own, now or before; thirty would be ours.
    expect(resources().length).toBeLessThanOrEqual(before.length + 1)
  })

  it('X21: holds nothing of what it has to say while it cannot connect, and says it once when it can', async () => {
    const subscription = 'x'.repeat(10_000)
    const port = await closedPort()
    const clock = new CountingClock(300)
    const context = feedContext({ clock, log: () => {} })
    const before = await settledHeap()
    const watch = watchFeed(websocketFeed({ url: `ws://127.0.0.1:${port}`, subscribe: [subscription] }, context))
    await clock.done
    expect((await settledHeap()) - before).toBeLessThan(2 ** 20)
    const heard: string[] = []
    await startServer(
      socket => socket.on('message', data => heard.push(String(data)) && socket.send(message(heard.length))),
      { port },
    )
    await watch.has(1)
    watch.unsubscribe()
    expect(heard).toEqual([subscription])
  })

  it('closes a connection that is paused by the valve when it is unsubscribed', async () => {
    const { url, connection } = await startServer(socket => {
      for (let t = 0; t < 10_000; t++) socket.send(message(t))
    })
    const context = feedContext()
    const watch = watchFeed(websocketFeed({ url }, context), (_, count) => {
      if (count === 1) context.valve.hold({})
    })
    const socket = await connection()
    await watch.has(1)
    const closed = once(socket, 'close')
    const start = performance.now()
    watch.unsubscribe()
    await closed
    // Nobody reads the answer to a close: ws would wait half a minute for it.
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('S27: does not wait long for a server that does not answer its close', async () => {
    const { port, sockets } = await startTcpServer(socket =>
      upgradeRaw(socket, () => socket.write(shortFrame(0x81, message(1)))),
    )
    const watch = watchFeed(websocketFeed({ url: `ws://127.0.0.1:${port}` }, feedContext()))
    await watch.has(1)
    const start = performance.now()
    watch.unsubscribe()
    await once(sockets[0]!, 'close')
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('ends a connection that is not open yet', async () => {
    const { port, sockets, connected } = await startTcpServer()
    const watch = watchFeed(websocketFeed({ url: `ws://127.0.0.1:${port}` }, feedContext()))
    await connected
    watch.unsubscribe()
    if (!sockets[0]!.closed) await once(sockets[0]!, 'close')
    expect(watch.error).toBeUndefined()
  })

  it('S13: never says what is secret in its address', async () => {
    const { url } = await startServer(socket => {
      socket.send('oops')
      socket.close(1011)
    })
    const { host } = new URL(url)
    const secret = `ws://alice:sesame@${host}/feed?token=hush#top`.replace('#top', '')
    const clock = new StandingClock()
    const context = feedContext({ clock })
    const again = watchFeed(websocketFeed({ url: secret }, context))
    await clock.asleep
    again.unsubscribe()
    const once_ = watchFeed(websocketFeed({ url: secret, reconnect: false }, context))
    await once_.end
    const said = JSON.stringify([context.logs, again.values, once_.values, String(once_.error)])
    expect(said).toContain(`${host}/feed`)
    expect(context.logs.length).toBeGreaterThanOrEqual(3)
    for (const word of ['alice', 'sesame', 'token', 'hush']) expect(said).not.toContain(word)
  })
})
