import { describe, expect, it } from 'vitest'
import { hostName } from '../../../streams/publisher/admission/host-name.js'
import { RateLimit } from '../../../streams/publisher/admission/rate-limit.js'
import { BoundedMap } from '../../../streams/publisher/subscribers/bounded-map.js'
import { textFrame } from '../../../streams/publisher/subscribers/text-frame.js'
import { openPublisher } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'

describe('textFrame', () => {
  it('is read by a WebSocket client as the same text, whatever its length', async () => {
    const { sink, write } = await openPublisher()
    const client = await TestClient.connect(sink.url)
    const lengths = [0, 1, 125, 126, 65_535, 65_536, 200_000]
    const texts = lengths.map(length => (length < 3 ? 'x'.repeat(length) : `€${'x'.repeat(length - 3)}`))
    for (const text of texts) {
      expect(textFrame(text).length - Buffer.byteLength(text)).toBeLessThanOrEqual(10)
      write(text)
    }
    await client.has(texts.length)
    expect(client.texts).toEqual(texts)
  })
})

describe('BoundedMap', () => {
  it('keeps the place of a name that is set again, and forgets the first when it is full', () => {
    const map = new BoundedMap<number>(2)
    expect([map.set('a', 1), map.set('b', 2), map.set('a', 3), map.set('c', 4)]).toEqual([false, false, true, true])
    expect([map.shift(), map.shift(), map.shift()]).toEqual([2, 4, undefined])
  })

  it('forgets what has not been renewed for longest', () => {
    const map = new BoundedMap<number>(2)
    for (const [name, value] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['c', 4],
    ] as const)
      map.renew(name, value)
    expect([...map.values()]).toEqual([3, 4])
  })
})

describe('RateLimit', () => {
  it('allows a burst, then the rate', () => {
    const limit = new RateLimit({ perSecond: 2, burst: 3 }, 0)
    const taken = (now: number) => {
      let count = 0
      while (limit.take(now)) count++
      return count
    }
    expect([taken(0), taken(400), taken(500), taken(1500), taken(100_000)]).toEqual([3, 0, 1, 2, 3])
  })
})

describe('hostName', () => {
  it.each([
    ['[::1]:8765', '::1'],
    ['Dash.Example:80', 'dash.example'],
    ['a b', undefined],
    ['host:port', undefined],
    [undefined, undefined],
  ])('of %j is %j', (header, name) => {
    expect(hostName(header)).toBe(name)
  })
})
