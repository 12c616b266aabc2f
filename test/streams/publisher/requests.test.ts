import { describe, expect, it } from 'vitest'
import { openPublisher } from '../../support/publisher.js'
import { TestClient } from '../../support/sockets.js'

describe('a request that means harm', () => {
  const deep = (n: number) => '['.repeat(n) + ']'.repeat(n)
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['no object', '[]'],
    ['30 000 levels', `{"subscribe":${deep(30_000)}}`],
    ['levels that never end', '['.repeat(60_000)],
    ['a prototype', '{"__proto__":{"subscribe":{}}}'],
    ['a prototype inside', '{"subscribe":{"__proto__":{"snapshot":true}}}'],
    ['two wishes', '{"subscribe":{},"forecast":{"key":"k","horizon":1}}'],
    ['a field too many', '{"subscribe":{},"admin":true}'],
    ['too many keys', JSON.stringify({ subscribe: { keys: Array.from({ length: 1001 }, (_, i) => `k${i}`) } })],
    ['too long a key', JSON.stringify({ subscribe: { keys: ['k'.repeat(129)] } })],
    ['too long an id', JSON.stringify({ ping: 1, id: 'x'.repeat(65) })],
    ['an id that is an object', '{"ping":1,"id":{"toString":1}}'],
    ['a number that is not finite', '{"forecast":{"key":"k","horizon":1e999}}'],
    ['a negative horizon', '{"forecast":{"key":"k","horizon":-1}}'],
    ['too many points', '{"forecast":{"key":"k","horizon":1,"points":101}}'],
    ['half a point', '{"forecast":{"key":"k","horizon":1,"points":1.5}}'],
    ['a key of megabytes', JSON.stringify({ ping: 'x'.repeat(60_000) })],
    ['escapes for a terminal', '{"\u001b[2J\u009b":1}'],
    // Nothing that comes over the network opens a connection or a file, or changes what is learned.
    ['S18: another source', '{"source":{"kind":"websocket","url":"ws://169.254.169.254/"}}'],
    ['S18: an address to fetch', '{"subscribe":{"url":"http://127.0.0.1:1/"}}'],
    ['S18: a file', '{"forecast":{"key":"k","horizon":1,"path":"/etc/passwd"}}'],
    ['S18: an observation to learn', '{"t":1,"y":[1]}'],
    ['S18: a token to add', '{"token":"0123456789abcdef","scopes":["admin"]}'],
  ])('S09: of %s is answered with a short error, and the connection stays', async (_, request) => {
    const { sink, failures } = await openPublisher()
    const client = await TestClient.connect(sink.url, ['contraflow.v1'])
    await client.has(1)
    const answer = await client.ask(request)
    expect(answer).toMatchObject({ error: { code: expect.stringMatching(/^(REQUEST_INVALID|TOKEN_WRONG)$/) } })
    expect(client.texts[1]!.length).toBeLessThan(700)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not come through
    expect(JSON.parse(client.texts[1]!).error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    expect(await client.ask({ ping: 2 })).toEqual({ pong: 2 })
    expect(failures).toEqual([])
  })
})
