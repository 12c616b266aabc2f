import { renameSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { TokenSource } from '../../../streams/publisher/admission/token-source.js'
import { openPublisher, upgrade } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'
import { temporaryDirectory } from '../../support/temporary.js'

const READER = 'reader-0123456789abcdef'
const ASKER = 'asker-0123456789abcdef'
const MONITOR = 'monitor-0123456789abcdef'
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

/** A publisher with three files of tokens, one for each scope. */
async function openScoped() {
  const folder = temporaryDirectory()
  const place = (name: string, tokens: string, scopes: TokenSource['scopes']) => {
    const file = `${folder}/${name}`
    writeFileSync(file, `${tokens}\n`)
    return { file, scopes: scopes! }
  }
  const token = [
    place('readers', READER, ['subscribe']),
    place('askers', ASKER, ['forecast']),
    place('monitors', MONITOR, ['metrics']),
  ]
  const opened = await openPublisher({ token })
  const join = (secret: string, protocols: string[] = ['contraflow.v1']) =>
    TestClient.connect(opened.sink.url, protocols, { headers: bearer(secret) })
  return { ...opened, folder, join }
}

describe('scopes of tokens', () => {
  it('S03: a token for subscribers gets what is published, and no forecasts on request', async () => {
    const { join, write } = await openScoped()
    const client = await join(READER)
    await client.has(1)
    expect(client.messages[0]).toMatchObject({ hello: { tokenNeeded: false, scopes: ['subscribe'] } })
    expect(await client.ask({ subscribe: {} })).toMatchObject({ subscribed: {} })
    expect(await client.ask({ forecast: { key: 'k', horizon: 1 }, id: 1 })).toMatchObject({
      error: { code: 'SCOPE_MISSING', message: expect.stringContaining('one for subscribe, not for forecast') },
      id: 1,
    })
    write('{"n":1}')
    await client.has(4)
    expect(client.messages[3]).toEqual({ n: 1 })
  })

  it('S03: a token for forecasts gets these, and nothing that is published, with or without the protocol', async () => {
    const { join, write } = await openScoped()
    const client = await join(ASKER)
    const plain = await join(ASKER, [])
    await client.has(1)
    expect(await client.ask({ subscribe: { snapshot: true } })).toMatchObject({ error: { code: 'SCOPE_MISSING' } })
    write('{"n":1}')
    expect(await client.ask({ forecast: { key: 'k', horizon: 1 } })).toMatchObject({ key: 'k', forecast: [{}] })
    expect(await plain.ask({ ping: 1 })).toEqual({ pong: 1 })
    expect(plain.texts).toHaveLength(1)
  })

  it('S03: a token for the counters reads them over HTTP and opens no WebSocket; the others cannot read them', async () => {
    const { port } = await openScoped()
    const metrics = async (headers: Record<string, string> = {}) =>
      (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).status
    expect(await metrics(bearer(MONITOR))).toBe(200)
    expect(await metrics(bearer(READER))).toBe(403)
    expect(await metrics(bearer(ASKER))).toBe(403)
    expect(await metrics(bearer('nobody-0123456789abcdef'))).toBe(401)
    expect(await metrics()).toBe(401)
    const refused = await upgrade(port, bearer(MONITOR))
    expect(refused).toMatchObject({ status: 403, body: expect.stringContaining('/metrics only') })
  })

  it('S03: a token for the counters, shown in the first message, allows nothing on a WebSocket', async () => {
    const { sink } = await openScoped()
    const client = await TestClient.connect(sink.url, ['contraflow.v1'])
    await client.has(1)
    expect(client.messages[0]).toMatchObject({ hello: { scopes: [] } })
    expect(await client.ask({ token: MONITOR })).toMatchObject({ hello: { scopes: ['metrics'] } })
    expect(await client.ask({ subscribe: {} })).toMatchObject({ error: { code: 'SCOPE_MISSING' } })
    expect(await client.ask({ forecast: { key: 'k', horizon: 1 } })).toMatchObject({ error: { code: 'SCOPE_MISSING' } })
  })

  it('S03: a token in two places may do what either allows; moved to another place, its sessions have to come again', async () => {
    const { join, folder } = await openScoped()
    const client = await join(READER)
    writeFileSync(`${folder}/next`, `${ASKER}\n${READER}\n`)
    renameSync(`${folder}/next`, `${folder}/askers`)
    expect(await client.closed).toBe(4401)
    const again = await join(READER)
    await again.has(1)
    expect(again.messages[0]).toMatchObject({ hello: { scopes: ['subscribe', 'forecast'] } })
  })

  it('S03: a place that cannot be read keeps its tokens, says so once, and does not keep the others from changing', async () => {
    const { join, folder, log } = await openScoped()
    const [reader, asker] = [await join(READER), await join(ASKER)]
    renameSync(`${folder}/readers`, `${folder}/gone`)
    writeFileSync(`${folder}/askers`, 'another-0123456789abcdef\n')
    expect(await asker.closed).toBe(4401)
    while (log.length === 0) await new Promise(resolve => setImmediate(resolve))
    expect(log).toEqual([expect.stringMatching(/^TOKEN_MISSING: .*readers/)])
    expect(reader.socket.readyState).toBe(reader.socket.OPEN)
  })
})
