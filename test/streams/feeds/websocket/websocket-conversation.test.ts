import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { websocketFeed } from '../../../../streams/feeds/websocket/websocket.js'
import type { WebSocketFeedOptions } from '../../../../streams/feeds/websocket/websocket-options.js'
import { feedContext, outline, watchFeed } from '../../../support/feeds.js'
import { startServer } from '../../../support/sockets.js'
import { temporaryFile } from '../../../support/temporary.js'

const message = (t: number) => `{"t":${t},"y":[1]}`

function watchOnce(url: string, options: Partial<WebSocketFeedOptions> = {}, context = feedContext()) {
  return watchFeed(websocketFeed({ url, reconnect: false, ...options }, context))
}

/** A server in the manner of Home Assistant: asks who is there before it says anything else. */
function guarded(socket: WebSocket, heard: string[]): void {
  socket.send('{"type":"auth_required"}')
  socket.on('message', data => {
    const text = data.toString()
    heard.push(text)
    const { type, access_token: token, id } = JSON.parse(text)
    if (type === 'auth') socket.send(token === 'open sesame' ? '{"type":"auth_ok"}' : '{"type":"auth_invalid"}')
    if (type === 'subscribe_events') {
      socket.send(`{"id":${id},"type":"result","success":true}`)
      socket.send(message(1))
      socket.close(1000)
    }
  })
}

const dialogue = (token: string) => [
  { wait: { '/type': 'auth_required' }, send: { type: 'auth', access_token: token } },
  { wait: { '/type': 'auth_ok' }, fail: { '/type': 'auth_invalid' } },
  { send: { id: 1, type: 'subscribe_events' } },
  { wait: { '/id': 1, '/success': true }, fail: { '/id': 1, '/success': false } },
]

describe('websocketFeed, what it says and hears before observations come', () => {
  it('waits for what it is told to wait for, answers, and takes none of it for an observation', async () => {
    const heard: string[] = []
    const { url } = await startServer(socket => guarded(socket, heard))
    const secret = temporaryFile('token')
    writeFileSync(secret, 'open sesame\n')
    const watch = watchOnce(url, { dialogue: dialogue(`\${file:${secret}}`) })
    await watch.end
    expect(watch.error).toBeUndefined()
    expect(outline(watch.values)).toEqual([1])
    expect(heard.map(text => JSON.parse(text).type)).toEqual(['auth', 'subscribe_events'])
  })

  it('says that the server refused', async () => {
    const { url } = await startServer(socket => guarded(socket, []))
    const watch = watchOnce(url, { dialogue: dialogue('wrong') })
    await watch.end
    expect(watch.error).toMatchObject({ code: 'FEED_GAVE_UP', received: 'the server refused: {"type":"auth_invalid"}' })
  })

  it('gives up a server that leaves it waiting, and passes on what is no part of the dialogue', async () => {
    const { url } = await startServer(socket => socket.send(message(1)))
    const watch = watchOnce(url, { dialogue: dialogue('x'), handshakeTimeout: 0.05 })
    await watch.end
    expect(outline(watch.values)).toEqual([1])
    expect(watch.error).toMatchObject({ received: 'no answer in 0.05 s: step 1 of 4 of the dialogue' })
  })

  it('keeps a server awake with messages of its own', async () => {
    const { url } = await startServer(socket => {
      let count = 0
      socket.on('message', data => {
        expect(data.toString()).toBe('{"type":"ping"}')
        if (++count === 3) socket.close(1000)
      })
    })
    const watch = watchOnce(url, { keepAlive: { every: 0.01, send: { type: 'ping' } } })
    await watch.end
    expect(watch.completed).toBe(true)
  })

  it('offers its sub-protocols and sends its headers', async () => {
    const seen: unknown[] = []
    const { url, server } = await startServer(socket => socket.close(1000), {
      handleProtocols: protocols => (protocols.has('ode.v1') ? 'ode.v1' : false),
    })
    server.on('connection', (socket, { headers }) => seen.push(headers.authorization, socket.protocol))
    process.env.FEEDS_TEST_TOKEN = 'hush-hush'
    const watch = watchOnce(url, {
      protocols: ['ode.v1', 'token.abc'],
      headers: { Authorization: `Bearer \${env:FEEDS_TEST_TOKEN}` },
    })
    await watch.end
    expect(watch.error).toBeUndefined()
    expect(seen).toEqual(['Bearer hush-hush', 'ode.v1'])
  })

  it.each([
    [`\${env:FEEDS_TEST_NOWHERE}`, 'no environment variable FEEDS_TEST_NOWHERE'],
    [`\${file:/nowhere/token}`, 'ENOENT'],
  ])('ends at once when a secret is not there: %s', async (text, received) => {
    const watch = watchFeed(websocketFeed({ url: `ws://127.0.0.1:1/?token=${text}` }, feedContext()))
    await watch.end
    expect(watch.error).toMatchObject({ code: 'SECRET_MISSING', received: expect.stringContaining(received) })
  })

  it('S13: never says a secret, not even one that the server sends back', async () => {
    process.env.FEEDS_TEST_SECRET = 'canary-4711'
    const { url } = await startServer((socket, number) => {
      socket.on('message', data => {
        socket.send(`echo ${data}`)
        socket.close(number < 3 ? 1008 : 4401, 'bad token canary-4711')
      })
    })
    const context = feedContext()
    const options = { url: `${url}/?t=\${env:FEEDS_TEST_SECRET}`, subscribe: [{ token: `\${env:FEEDS_TEST_SECRET}` }] }
    const again = watchFeed(websocketFeed(options, context))
    await again.has(2)
    again.unsubscribe()
    const once = watchFeed(websocketFeed({ ...options, reconnect: false }, context))
    await once.end
    const said = JSON.stringify([context.logs, again.values, once.values, String(once.error)])
    expect(said).toContain('echo {\\"token\\":\\"[secret]')
    expect(said).toContain('4401 (a code of this server): bad token [secret]')
    expect(said).not.toContain('canary')
  })
})

describe('websocketFeed that resumes', () => {
  const numbered = (seq: number) => `{"t":${seq},"y":[1],"seq":${seq}}`

  it('F01: asks for what comes after the last number it has seen, and drops what comes twice', async () => {
    const asked: string[] = []
    const { url } = await startServer((socket, number) => {
      const sendFrom = (first: number) => {
        for (let seq = first; seq < first + 10; seq++) socket.send(numbered(seq))
        socket.close(number < 5 ? 1012 : 1000)
      }
      if (number === 1) sendFrom(0)
      socket.on('message', data => {
        asked.push(data.toString())
        // Three more than were asked for.
        sendFrom(JSON.parse(data.toString()).after - 2)
      })
    })
    const resume = { sequence: '/seq', send: { after: '{sequence}', as: 'text {sequence}' } }
    const watch = watchFeed(websocketFeed({ url, resume }, feedContext()))
    await watch.has(38)
    watch.unsubscribe()
    expect(outline(watch.values)).toEqual(Array.from({ length: 38 }, (_, i) => i))
    expect(asked[0]).toBe('{"after":9,"as":"text 9"}')
    expect(asked[1]).toBe('{"after":16,"as":"text 16"}')
  })

  it('puts the number into the address, also the one that a checkpoint remembers', async () => {
    const paths: (string | undefined)[] = []
    const { url, server } = await startServer((socket, number) => {
      socket.send(numbered(number))
      socket.close(1012)
    })
    server.on('connection', (_socket, request) => paths.push(request.url))
    const context = feedContext({ from: { message: 7, values: 1, sequence: 'a b' } })
    const watch = watchFeed(
      websocketFeed({ url: `${url}/x?y=1`, resume: { sequence: '/seq', query: 'after' } }, context),
    )
    await watch.has(2)
    watch.unsubscribe()
    expect(paths.slice(0, 2)).toEqual(['/x?y=1&after=a+b', '/x?y=1&after=1'])
  })

  it('says how many messages are missing when numbers should go up by one', async () => {
    const { url } = await startServer(socket => {
      for (const seq of [1, 2, 5, 6]) socket.send(numbered(seq))
      socket.close(1000)
    })
    const context = feedContext()
    const watch = watchOnce(url, { resume: { sequence: '/seq', consecutive: true } }, context)
    await watch.end
    expect(context.logs).toContain(`${url}/: 2 messages are missing between 2 and 5`)
  })

  it('takes a server that starts counting again for what it is', async () => {
    const { url } = await startServer(socket => {
      for (const seq of [5000, 5001, 1, 2]) socket.send(numbered(seq))
      socket.close(1000)
    })
    const watch = watchOnce(url, { resume: { sequence: '/seq' } })
    await watch.end
    expect(outline(watch.values)).toEqual([5000, 5001, 1, 2])
  })
})
