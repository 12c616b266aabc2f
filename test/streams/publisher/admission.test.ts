import { writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Clock } from '../../../streams/time/clock.js'
import { VirtualClock } from '../../support/clock.js'
import { AdvancingClock, openPublisher, say, upgrade } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'
import { temporaryFile } from '../../support/temporary.js'

const TOKEN = 'correct-horse-battery'
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
const encoded = (token: string) => `token.${Buffer.from(token).toString('base64url')}`

/** A publisher that lets in who knows the token in this file. */
async function guarded(token = TOKEN, clock?: Clock) {
  const file = temporaryFile('token')
  writeFileSync(file, `${token}\n`)
  return { file, ...(await openPublisher({ token: { file } }, clock)) }
}

describe('who may connect', () => {
  it.each([
    ['localhost', 101],
    ['LOCALHOST:8765', 101],
    ['127.0.0.1:1', 101],
    ['[::1]:8765', 101],
    ['dash.example', 101],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.', 403],
    ['dash.example@evil.example', 403],
  ])('S02, F34: by the Host header %j: %i, so that no foreign name can point here', async (host, status) => {
    const { port } = await openPublisher({ hosts: ['dash.example'] })
    expect((await upgrade(port, { Host: host })).status).toBe(status)
  })

  it.each([
    [undefined, 101],
    ['https://good.example', 101],
    ['https://good.example:8443', 101],
    ['http://good.example', 403],
    ['https://good.example:443', 403],
    ['https://good.example:8444', 403],
    ['https://good.example.evil.example', 403],
    ['https://evilgood.example', 403],
    ['https://GOOD.example', 403],
    ['https://good.example.', 403],
    ['https://xn--gd-lka.example', 403],
    ['null', 403],
    ['', 403],
  ])('S02, F34: by the Origin %j: %i', async (origin, status) => {
    const { port } = await openPublisher({ origins: ['https://good.example', 'https://good.example:8443'] })
    const answer = await upgrade(port, origin === undefined ? {} : { Origin: origin })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.body).toContain('Origin')
  })

  it('S02, F34: no page at all unless one is listed, whatever its token', async () => {
    const { port } = await guarded()
    expect((await upgrade(port, { Origin: `http://127.0.0.1:${port}`, ...bearer(TOKEN) })).status).toBe(403)
  })

  it.each([
    ['nothing', {}, 401],
    ['a wrong token', bearer('correct-horse-batterx'), 401],
    ['a longer token', bearer(`${TOKEN}x`), 401],
    ['an empty token', { Authorization: 'Bearer ' }, 401],
    ['another scheme', { Authorization: `Basic ${TOKEN}` }, 401],
    ['the token', bearer(TOKEN), 101],
    ['the token as a sub-protocol', { 'Sec-WebSocket-Protocol': `contraflow.v1, ${encoded(TOKEN)}` }, 101],
    ['a wrong sub-protocol', { 'Sec-WebSocket-Protocol': `contraflow.v1, ${encoded('wrong')}` }, 401],
    ['a promise to bring it', { 'Sec-WebSocket-Protocol': 'contraflow.v1' }, 101],
  ])('S03, S28, F35: with %s', async (_, headers, status) => {
    const { port, log } = await guarded()
    const answer = await upgrade(port, headers as Record<string, string>)
    expect(answer.status).toBe(status)
    if (status === 401) expect(answer.headers['www-authenticate']).toBe('Bearer')
    // The client's offer is not echoed, which would put the token into the logs of proxies.
    expect(answer.headers['sec-websocket-protocol']).toBe(
      'Sec-WebSocket-Protocol' in headers && status === 101 ? 'contraflow.v1' : undefined,
    )
    expect(JSON.stringify([answer, log])).not.toContain(TOKEN)
  })

  it('S03, F35: not with a token in the address, where logs would keep it', async () => {
    const { port } = await guarded()
    expect((await upgrade(port, {}, `/?token=${TOKEN}`)).status).toBe(401)
  })

  it('S03, F35: the token may come in the first message; before it nothing is said or answered', async () => {
    const { sink, write } = await guarded()
    const client = await TestClient.connect(sink.url, ['contraflow.v1'])
    await client.has(1)
    expect(client.messages[0]).toMatchObject({ hello: { tokenNeeded: true } })
    write('{"secret":1}')
    expect(await client.ask({ subscribe: {} })).toMatchObject({ error: { code: 'TOKEN_WRONG' } })
    expect(await client.ask({ token: 'wrong', id: 7 })).toMatchObject({ error: { code: 'TOKEN_WRONG' }, id: 7 })
    expect(await client.ask({ token: TOKEN })).toMatchObject({ hello: { tokenNeeded: false } })
    expect(await client.ask({ subscribe: {} })).toMatchObject({ subscribed: { keys: null } })
  })

  it('S03, F35: who does not bring the token in time is sent away with 4401', async () => {
    const clock = new AdvancingClock()
    const { sink } = await guarded(TOKEN, clock)
    const client = await TestClient.connect(sink.url, ['contraflow.v1'])
    clock.advance(5000)
    expect(await client.closed).toBe(4401)
    expect(client.reason).toContain('No valid token')
  })

  it('F35: a token that is taken out of the file ends the sessions that it opened, and only these', async () => {
    const { sink, file, write, log } = await guarded(`${TOKEN}\nanother-long-token`)
    const [old, other] = await Promise.all(
      [TOKEN, 'another-long-token'].map(token => TestClient.connect(sink.url, [], { headers: bearer(token) })),
    )
    writeFileSync(file, 'another-long-token\nyet-another-token')
    expect(await old!.closed).toBe(4401)
    expect(old!.reason).toBe('The token is no longer valid.')
    write('1')
    await other!.has(1)
    // A file that cannot be used changes nothing, and says so.
    writeFileSync(file, 'short')
    while (log.length === 0) await new Promise(resolve => setImmediate(resolve))
    expect(log[0]).toMatch(/^TOKEN_MISSING: .*a token of fewer than 16 characters/)
    expect(other!.socket.readyState).toBe(other!.socket.OPEN)
  })

  it('S01, F35: an address beyond this machine needs a token, or the word "insecure"', async () => {
    await expect(openPublisher({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'LISTEN_UNSAFE' })
    const { log } = await openPublisher({ host: '0.0.0.0', insecure: true })
    expect(log).toEqual([expect.stringContaining('not encrypted')])
  })

  it('F35: a token must exist and be long enough, wherever it is kept', async () => {
    const file = temporaryFile('token')
    const refused = (token: { env: string } | { file: string }) =>
      expect(openPublisher({ token })).rejects.toMatchObject({ code: 'TOKEN_MISSING' })
    await refused({ file })
    writeFileSync(file, '\n \n')
    await refused({ file })
    await refused({ env: 'CONTRAFLOW_TEST_NO_SUCH' })
    process.env.CONTRAFLOW_TEST_TOKEN = 'short'
    onTestFinished(() => {
      delete process.env.CONTRAFLOW_TEST_TOKEN
    })
    await refused({ env: 'CONTRAFLOW_TEST_TOKEN' })
    process.env.CONTRAFLOW_TEST_TOKEN = TOKEN
    const { port } = await openPublisher({ token: { env: 'CONTRAFLOW_TEST_TOKEN' } })
    expect((await upgrade(port, bearer(TOKEN))).status).toBe(101)
  })

  it('S04, S34: hangs up on what is no proper handshake, and goes on', async () => {
    const { port, failures } = await openPublisher()
    const head = 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
    for (const [bytes, answer] of [
      [`GET / HTTP/1.1\r\n${head}\r\n`, '400'],
      [`GET / HTTP/1.1\r\n${head.replace('localhost', '')}\r\n`, '403'],
      [`GET / HTTP/1.1\r\n${head.replace('Host: localhost\r\n', '')}\r\n`, '403'],
      [`POST / HTTP/1.1\r\n${head}\r\n`, '405'],
      [`GET /elsewhere HTTP/1.1\r\n${head}\r\n`, '404'],
      ['\x16\x03\x01\x02\x00\x01', '400'],
    ] as const)
      expect(await say(port, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${answer} `))
    expect((await upgrade(port)).status).toBe(101)
    expect(failures).toEqual([])
  })
})

describe('how many may connect', () => {
  it('S06, F33: no more than there are places; a place is free again when someone has left', async () => {
    const { sink, port, write } = await openPublisher({ maxSubscribers: 3 })
    const clients = await Promise.all([1, 2, 3].map(() => TestClient.connect(sink.url)))
    const refused = await upgrade(port)
    expect(refused).toMatchObject({ status: 503, body: 'All places are taken. Try again later.\n' })
    expect(refused.headers['retry-after']).toBe('1')
    write('1')
    await Promise.all(clients.map(client => client.has(1)))
    clients[0]!.socket.terminate()
    while (sink.subscribers > 2) await new Promise(resolve => setImmediate(resolve))
    await TestClient.connect(sink.url)
  })

  it('S06, F33: no more than some from one address, which only a known proxy may speak for', async () => {
    const { sink, port } = await openPublisher({ maxPerAddress: 2, proxies: ['127.0.0.1'] })
    const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } })
    await Promise.all([1, 2].map(() => TestClient.connect(sink.url, [], from('made-up, 192.0.2.1'))))
    const status = async (address: string) => (await upgrade(port, from(address).headers)).status
    expect(await status('198.51.100.9, 192.0.2.1')).toBe(429)
    expect(await status('192.0.2.2')).toBe(101)
    const strict = await openPublisher({ maxPerAddress: 1 })
    await TestClient.connect(strict.sink.url, [], from('192.0.2.1'))
    expect((await upgrade(strict.port, from('192.0.2.2').headers)).status).toBe(429)
  })

  it('S06, F33: a flood of connects is refused beyond the rate, and those inside notice nothing', async () => {
    const clock = new VirtualClock()
    const { sink, port, write } = await openPublisher({ maxSubscribers: 5 }, clock)
    const inside = await TestClient.connect(sink.url)
    const statuses = new Map<number, number>()
    for (let round = 0; round < 26; round++) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => upgrade(port)))
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    // The burst is 2500, one of which is inside.
    expect(statuses.get(503)).toBeGreaterThanOrEqual(101)
    expect((await upgrade(port)).body).toBe('Too many connects at once. Try again later.\n')
    write('1')
    await inside.has(1)
    clock.time += 1000
    while (sink.subscribers > 1) await new Promise(resolve => setImmediate(resolve))
    expect((await upgrade(port)).status).toBe(101)
  })
})
