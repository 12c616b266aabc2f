import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { limitAccepts } from '../../../../streams/publisher/admission/accept-limit.js'
import { limitedHttpServer } from '../../../../streams/publisher/http-server.js'
import { makeCertificate } from '../../../support/certificate.js'
import { openPublisher, rawConnection, say } from '../../../support/publisher.js'

const RATE = { perSecond: 2, burst: 3 }
const ASK = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
/** What is answered, or that nothing is. */
const answer = (port: number) =>
  say(port, ASK).then(
    text => text || 'reset',
    () => 'reset',
  )

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

describe('limitAccepts', () => {
  it('F33: resets what connects faster than the rate unread, and serves again when there has been time', async () => {
    let [now, reset, asked] = [0, 0, 0]
    const server = limitedHttpServer((_request, response) => response.end(`ok ${++asked}`), { maxSubscribers: 10 })
    limitAccepts(
      server,
      RATE,
      () => now,
      () => reset++,
    )
    const port = await listening(server)
    for (let n = 1; n <= 3; n++) expect(await say(port, ASK)).toContain(`ok ${n}`)
    expect(await answer(port)).toBe('reset')
    expect([asked, reset]).toEqual([3, 1])
    now += 500
    expect(await say(port, ASK)).toContain('ok 4')
    expect(await answer(port)).toBe('reset')
    expect([asked, reset]).toEqual([4, 2])
  })

  it('F33: counts what is more than may be open', async () => {
    let reset = 0
    const server = limitedHttpServer(() => {}, { maxSubscribers: 1 })
    server.maxConnections = 1
    limitAccepts(
      server,
      RATE,
      () => 0,
      () => reset++,
    )
    const port = await listening(server)
    const first = await rawConnection(port)
    expect(await answer(port)).toBe('reset')
    expect([reset, first.destroyed]).toEqual([1, false])
  })

  it('F33: makes no handshake of TLS with those beyond the rate', async () => {
    const { key, certificate } = makeCertificate()
    const secure = { key: readFileSync(key), cert: readFileSync(certificate) }
    const server = limitedHttpServer((_request, response) => response.end('ok'), { maxSubscribers: 10, secure })
    limitAccepts(server, { perSecond: 1, burst: 1 }, () => 0)
    const port = await listening(server as Server)
    const shakes = async () => {
      const socket = connectSecure({ port, host: '127.0.0.1', ca: secure.cert, checkServerIdentity: () => undefined })
      onTestFinished(() => {
        socket.destroy()
      })
      return new Promise(resolve =>
        socket.on('error', () => resolve('reset')).on('secureConnect', () => resolve('secure')),
      )
    }
    expect([await shakes(), await shakes()]).toEqual(['secure', 'reset'])
  })

  it('F33: a publisher says in its counters how many it has reset', async () => {
    const { port } = await openPublisher()
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).json()
    expect((metrics as { publisher: { reset: number } }).publisher.reset).toBe(0)
  })
})
