import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { text } from 'node:stream/consumers'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { limitedHttpServer } from '../../../streams/publisher/http-server.js'
import type { PublisherOptions } from '../../../streams/publisher/options.js'
import type { Clock } from '../../../streams/time/clock.js'
import { makeCertificate } from '../../support/certificate.js'
import { AdvancingClock, openPublisher } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'

/** A publisher that speaks TLS, and what its clients must trust. */
async function openSecure(options: Partial<PublisherOptions> = {}, clock?: Clock) {
  const tls = makeCertificate()
  const ca = readFileSync(tls.certificate)
  return { ...(await openPublisher({ tls, ...options }, clock)), tls, ca }
}

/** The connection that a client has with this server, or the error that kept it from having one. */
async function greet(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ...options })
  onTestFinished(() => {
    socket.destroy()
  })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

describe('a publisher that speaks TLS', () => {
  it('S05: serves WebSocket and HTTP to clients that trust its certificate, to nobody else', async () => {
    const { sink, port, ca, write } = await openSecure({ host: '127.0.0.1' })
    expect(sink.url).toBe(`wss://127.0.0.1:${port}`)
    const client = await TestClient.connect(sink.url, [], { ca })
    write('{"n":1}')
    await client.has(1)
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      get({ host: '127.0.0.1', port, path: '/health', ca }, resolve).on('error', reject),
    )
    expect([answer.statusCode, await text(answer)]).toEqual([200, '{"status":"ok","reasons":[]}\n'])
    await expect(TestClient.connect(sink.url)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })

  it('S05: speaks TLS 1.2 and 1.3, only 1.3 when told so, and nothing older', async () => {
    const { port, ca } = await openSecure()
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      expect((await greet(port, { ca, minVersion: version, maxVersion: version })).getProtocol()).toBe(version)
    // Old versions need a lower level of OpenSSL to be offered at all.
    const old = { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await expect(greet(port, old)).rejects.toThrow(/protocol version|unsupported protocol/i)
    const strict = await openPublisher({ tls: { ...makeCertificate(), minVersion: '1.3' } })
    await expect(greet(strict.port, { maxVersion: 'TLSv1.2', rejectUnauthorized: false })).rejects.toThrow(
      /protocol version/,
    )
  })

  it('S05: takes a renewed certificate for new connections while old ones go on; a bad one changes nothing', async () => {
    const { sink, port, ca, tls, log, write } = await openSecure()
    const early = await TestClient.connect(sink.url, [], { ca })
    const serial = async () => {
      const socket = await greet(port, { rejectUnauthorized: false })
      const { serialNumber } = socket.getPeerCertificate()
      socket.destroy()
      return serialNumber
    }
    const first = await serial()
    const said = async (pattern: RegExp) => {
      while (!log.some(line => pattern.test(line))) await new Promise(resolve => setImmediate(resolve))
    }
    writeFileSync(tls.certificate, 'half a certif')
    await said(/^CERTIFICATE_UNUSABLE: /)
    expect(await serial()).toBe(first)
    const next = makeCertificate()
    copyFileSync(next.key, tls.key)
    copyFileSync(next.certificate, tls.certificate)
    await said(/^new connections get the new certificate$/)
    expect(await serial()).not.toBe(first)
    write('1')
    await early.has(1)
    await TestClient.connect(sink.url, [], { ca: readFileSync(next.certificate) })
  })

  it.each([
    ['a file that is missing', (tls: Files) => ({ ...tls, key: `${tls.key}.gone` }), /no such file/],
    ['the key of another certificate', (tls: Files) => ({ ...tls, key: makeCertificate().key }), /mismatch/],
    [
      'files that were mixed up',
      (tls: Files) => ({ key: tls.certificate, certificate: tls.key }),
      /PEM|no start line|unsupported/i,
    ],
  ])('S05: says what is wrong with %s', async (_, broken, sentence) => {
    const opened = openPublisher({ tls: broken(makeCertificate()) })
    await expect(opened).rejects.toMatchObject({
      code: 'CERTIFICATE_UNUSABLE',
      message: expect.stringMatching(sentence),
    })
  })

  it('S05: serves a certificate that has run out, because a stream is not lost for that, and says so', async () => {
    const clock = new LaterClock(3 * 86_400)
    const { log } = await openSecure({}, clock)
    expect(log).toEqual([expect.stringMatching(/^the certificate was valid until .*renew it$/)])
    const early = await openSecure({}, new LaterClock(-3 * 86_400))
    expect(early.log).toEqual([expect.stringMatching(/the clock here is wrong$/)])
  })

  it('S05: does not call an encrypted address unencrypted', async () => {
    const { log } = await openSecure({ host: '0.0.0.0', insecure: true })
    expect(log).toEqual([])
  })

  it('S05: is not brought down by who talks plainly, breaks the handshake off, or never begins it', async () => {
    const { sink, port, ca, failures } = await openSecure()
    const plain = connectPlain(port, '127.0.0.1')
      .on('error', () => {})
      .resume()
    plain.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(plain, 'close')
    const cut = connectPlain(port, '127.0.0.1')
      .on('error', () => {})
      .resume()
    cut.end(Buffer.from('16030100ff', 'hex'))
    await once(cut, 'close')
    await TestClient.connect(sink.url, [], { ca })
    expect(failures).toEqual([])
  })

  it('S05: cuts off who never finishes the handshake', async () => {
    const { key, certificate } = makeCertificate()
    const secure = { key: readFileSync(key), cert: readFileSync(certificate) }
    const server = limitedHttpServer(() => {}, { maxSubscribers: 1, secure, limits: { handshakeTimeout: 100 } })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
    })
    const silent = connectPlain((server.address() as { port: number }).port, '127.0.0.1')
      .on('error', () => {})
      .resume()
    await once(silent, 'close')
  })

  it('F31: sends who does not read away, over TLS too, and who does read gets everything', async () => {
    const clock = new AdvancingClock()
    const { sink, ca, write } = await openSecure({ maxBuffered: 64 << 10 }, clock)
    const stalled = await TestClient.connect(sink.url, [], { ca })
    const reader = await TestClient.connect(sink.url, [], { ca })
    stalled.socket.pause()
    const line = JSON.stringify({ text: 'x'.repeat(8000) })
    let sent = 0
    const send = async () => {
      write(line)
      await reader.has(++sent)
    }
    while (sink.conflated === 0) await send()
    while (sink.evicted === 0) {
      clock.advance(100)
      await send()
    }
    expect(reader.socket.readyState).toBe(reader.socket.OPEN)
    expect(reader.texts).toHaveLength(sent)
    expect(sink.evicted).toBe(1)
  })
})

type Files = ReturnType<typeof makeCertificate>

/** The machine's clock, set forward or back by so many seconds on the wall. */
class LaterClock extends AdvancingClock {
  readonly #seconds: number

  constructor(seconds: number) {
    super()
    this.#seconds = seconds
  }

  override wall(): number {
    return super.wall() + this.#seconds
  }
}
