import { describe, expect, it } from 'vitest'
import { limitedHttpServer } from '../../../streams/publisher/http-server.js'
import { openPublisher, rawConnection, say, upgrade } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'

const get = (port: number, path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init)
/** Says it on a raw connection, so that nothing tidies the path. */
const getRaw = (port: number, target: string, method = 'GET') =>
  say(port, `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)

describe('the publisher over HTTP', () => {
  it('is healthy while the process can answer', async () => {
    const { port } = await openPublisher()
    const response = await get(port, '/health')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok', reasons: [] }])
  })

  it('is ready while the feed is connected and observations are young enough', async () => {
    const { port, service } = await openPublisher({ maxAge: 10 })
    const ready = async () => {
      const response = await get(port, '/ready')
      return [response.status, await response.json()]
    }
    const health = { status: 'ok', reasons: [] }
    const body = {
      ready: true,
      connected: true,
      keys: 1,
      lastObservationAge: 0.5,
      checkpointAge: null,
      health,
    }
    expect(await ready()).toEqual([200, body])
    service.state = { ...service.state, lastObservationAge: 11, checkpointAge: 3 }
    expect(await ready()).toEqual([503, { ...body, ready: false, lastObservationAge: 11, checkpointAge: 3 }])
    service.state = { ...service.state, lastObservationAge: undefined, connected: false }
    expect(await ready()).toEqual([
      503,
      { ...body, ready: false, connected: false, lastObservationAge: null, checkpointAge: 3 },
    ])
  })

  it('F22, F23: says what is wrong and what to do, and names no files to who owes a token', async () => {
    process.env.CONTRAFLOW_TEST_HEALTH = 'a-token-for-health'
    const { port, service } = await openPublisher({ token: { env: 'CONTRAFLOW_TEST_HEALTH' } })
    delete process.env.CONTRAFLOW_TEST_HEALTH
    const reason = { code: 'SINK_FAILED', sentence: 'SINK_FAILED: /private/out.ndjson: no space. Free some.' }
    service.state = { ...service.state, health: { status: 'degraded', reasons: [reason] } }
    const told = { status: 'degraded', reasons: [{ code: 'SINK_FAILED' }] }
    expect(await (await get(port, '/health')).json()).toEqual(told)
    expect(await (await get(port, '/ready')).json()).toMatchObject({ ready: true, health: told })
    const headers = { Authorization: 'Bearer a-token-for-health' }
    expect(await (await get(port, '/health', { headers })).json()).toEqual({ status: 'degraded', reasons: [reason] })
  })

  it('counts: the pipeline and its own subscribers', async () => {
    const { port, sink, write } = await openPublisher({ maxSubscribers: 1 })
    await TestClient.connect(sink.url)
    await upgrade(port)
    write('1')
    expect(await (await get(port, '/metrics')).json()).toEqual({
      connected: true,
      channels: ['x', 'v'],
      keys: 1,
      silent: 0,
      lastObservationAge: 0.5,
      health: { status: 'ok', reasons: [] },
      load: { stage: 'normal', fills: { subscribers: 0 }, entered: {} },
      sinks: [],
      pipeline: { received: 12, estimates: 12, deadLetters: {} },
      publisher: { published: 1, subscribers: 1, evicted: 0, conflated: 0, refused: { 503: 1 }, reset: 0, buffered: 0 },
    })
  })

  it('S16: shows its counters only to who has a token, where there is one', async () => {
    process.env.CONTRAFLOW_TEST_METRICS = 'a-token-for-metrics'
    const { port } = await openPublisher({ token: { env: 'CONTRAFLOW_TEST_METRICS' } })
    delete process.env.CONTRAFLOW_TEST_METRICS
    expect((await get(port, '/metrics')).status).toBe(401)
    const headers = { Authorization: 'Bearer a-token-for-metrics' }
    expect((await get(port, '/metrics', { headers })).status).toBe(200)
    expect((await get(port, '/health')).status).toBe(200)
  })

  it('S12: sends headers that leave browsers nothing to do with it', async () => {
    const { port } = await openPublisher()
    for (const path of ['/', '/health', '/ready', '/metrics', '/none']) {
      const { headers } = await get(port, path)
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
    expect((await upgrade(port, { Origin: 'https://evil.example' })).headers['x-content-type-options']).toBe('nosniff')
  })

  it('S16: answers only GET and HEAD, and only for its own Host', async () => {
    const { port } = await openPublisher()
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      expect(await getRaw(port, '/health', method)).toMatch(/^HTTP\/1.1 405 [\s\S]*\r\nAllow: GET, HEAD\r\n/)
    const head = await get(port, '/health', { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '29', ''])
    const foreign = 'GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'
    expect(await say(port, foreign)).toMatch(/^HTTP\/1.1 403 /)
  })

  it('S11, F36: nothing of the disk is ever served, whatever the path says', async () => {
    const { port } = await openPublisher()
    const file = 'etc/passwd'
    const ups = [
      '../',
      '..%2f',
      '%2e%2e/',
      '%2e%2e%2f',
      '..%5c',
      '..\\',
      '....//',
      '%252e%252e%252f',
      '..;/',
      '..%c0%af',
    ]
    const targets = [
      ...ups.flatMap(up => [`/${up.repeat(8)}${file}`, `/health/${up.repeat(9)}${file}`, `/${up.repeat(8)}${file}%00`]),
      `//${file}`,
      `/${file}`,
      `///${file}`,
      `/%2f${file}`,
      `file:///${file}`,
      `http://localhost/${file}`,
      '/package.json',
      '/.git/config',
      '/%00',
      '/health/..',
    ]
    expect(targets.length).toBeGreaterThanOrEqual(40)
    for (const target of targets) {
      const answer = await getRaw(port, target)
      expect(answer, target).toMatch(/^HTTP\/1.1 (404|400) /)
      expect(answer, target).not.toMatch(/root:|contraflow"|\[core\]/)
    }
  })

  it('S31: refuses headers that are too large with 431', async () => {
    const { port } = await openPublisher()
    const request = `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(9000)}\r\n\r\n`
    expect(await say(port, request)).toMatch(/^HTTP\/1.1 431 /)
    expect((await get(port, '/health')).status).toBe(200)
  })
})

describe('limitedHttpServer', () => {
  it('S31, F37: cuts off who never finishes its headers, or never begins, and serves the others meanwhile', async () => {
    const limits = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 }
    const server = limitedHttpServer((_request, response) => response.end('ok'), { maxSubscribers: 10, limits })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    try {
      const slow = await rawConnection(port)
      const silent = await rawConnection(port)
      slow.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
      // A byte now and then does not help.
      const drip = setInterval(() => slow.write('x'), 20)
      expect(await (await get(port, '/')).text()).toBe('ok')
      const begin = performance.now()
      await Promise.all([slow.ended, silent.ended])
      clearInterval(drip)
      expect(slow.heard()).toMatch(/^HTTP\/1.1 408 /)
      // Between connect and end lie the limit, one look, and what a busy machine adds; Node's own limit is a minute.
      expect(performance.now() - begin).toBeLessThan(5000)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('S31, F37: has the limits of the security checklist', async () => {
    const server = limitedHttpServer(() => {}, { maxSubscribers: 7 })
    expect(server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 5000,
      maxConnections: 107,
    })
  })
})
