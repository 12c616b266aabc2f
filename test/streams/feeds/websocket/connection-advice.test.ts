import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { firstValueFrom, Subject, take, toArray } from 'rxjs'
import { expect, it, onTestFinished } from 'vitest'
import { ObservationDecoder } from '../../../../src/config/decoders/observation-message.js'
import { connectionAdvice } from '../../../../streams/feeds/websocket/connection-advice.js'
import { websocketFeed } from '../../../../streams/feeds/websocket/websocket.js'
import { Valve } from '../../../../streams/overflow/valve.js'
import { systemClock } from '../../../../streams/time/clock.js'

it.each([
  ['getaddrinfo ENOTFOUND no-such-host.invalid', 'the name in source.url'],
  ["Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: ", 'into source.url'],
  ['self-signed certificate', 'source.ca'],
  ['unable to verify the first certificate', 'source.ca'],
  ['Unexpected server response: 401', 'source.headers'],
  ['Unexpected server response: 200', 'speaks no WebSocket'],
])('of %s it is said what to do', (reason, advice) => {
  expect(connectionAdvice(reason)).toContain(advice)
})

it('says once, of a server that speaks no WebSocket, what that may be', async () => {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise(resolve => server.once('listening', resolve))
  const said = new Subject<string>()
  const lines = firstValueFrom(said.pipe(take(5), toArray()))
  const { port } = server.address() as AddressInfo
  const context = {
    decoder: new ObservationDecoder(),
    valve: new Valve(),
    clock: { ...systemClock, sleep: async () => {} },
    random: () => 0,
    log: (line: string) => said.next(line),
  }
  const feed = websocketFeed({ url: `ws://127.0.0.1:${port}/` }, context).subscribe()
  const all = await lines
  feed.unsubscribe()
  expect(all.filter(line => line.includes('next try'))).toHaveLength(4)
  expect(all[1]).toMatch(/: what answers there speaks no WebSocket: is the path in source\.url right\?$/)
})
