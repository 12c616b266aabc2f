import { readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { constants, gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { logFeed } from '../../../../streams/feeds/log/log.js'
import { StandingClock } from '../../../support/clock.js'
import { feedContext, outline, Watch, watchFeed } from '../../../support/feeds.js'
import { temporaryDirectory, temporaryFile } from '../../../support/temporary.js'

/** Lines that do not compress well, so that a file has many compressed chunks. */
const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => `{"t":${i},"y":[${Math.sin(i)},${Math.cos(i * i)}]}`)
const textOf = (count: number) => `${lines(count).join('\n')}\n`
const times = (count: number) => Array.from({ length: count }, (_, i) => i)

function file(content: string | Uint8Array, name?: string): string {
  const path = temporaryFile(name)
  writeFileSync(path, content)
  return path
}

async function read(path: string) {
  const watch = watchFeed(logFeed({ path }, feedContext()))
  await watch.end
  return watch
}

/** Is the file open in this process? */
function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  })
}

describe('logFeed', () => {
  it('reads a plain file and completes', async () => {
    const path = file(textOf(3000))
    const { values, completed } = await read(path)
    expect(outline(values)).toEqual(times(3000))
    expect(values[2]).toEqual({ key: 'default', t: 2, y: Float64Array.of(Math.sin(2), Math.cos(4)) })
    expect(completed).toBe(true)
    expect(isOpen(path)).toBe(false)
  })

  it('tells gzip by its first bytes, whatever the name', async () => {
    const { values, completed } = await read(file(gzipSync(textOf(3000)), 'log.txt'))
    expect(outline(values)).toEqual(times(3000))
    expect(completed).toBe(true)
    const plain = await read(file(textOf(3), 'log.gz'))
    expect(outline(plain.values)).toEqual([0, 1, 2])
  })

  it('reads gzip members one after the other, also when a line goes from one to the next', async () => {
    const text = textOf(2000)
    const cuts = [0, 1000, 1001, text.length / 2, text.length]
    const members = cuts.slice(1).map((end, i) => gzipSync(text.slice(cuts[i], end)))
    const { values, completed } = await read(file(Buffer.concat(members)))
    expect(outline(values)).toEqual(times(2000))
    expect(completed).toBe(true)
  })

  it.each([
    ['an empty file', '', []],
    ['a file of one byte', '{', ['OBSERVATION_CUT']],
    ['an empty gzip', gzipSync(''), []],
    ['blank lines', '\n\n\r\n', []],
  ])('reads %s', async (_what, content, expected) => {
    const { values, completed } = await read(file(content))
    expect(outline(values)).toEqual(expected)
    expect(completed).toBe(true)
  })

  it('F40: says of a last message without its end that it was cut, of one that is none that it is no JSON', async () => {
    const whole = '{"t":1,"y":[1]}'
    for (let end = 1; end < whole.length; end++) {
      const { values } = await read(file(`{"t":0,"y":[1]}\n${whole.slice(0, end)}`))
      expect(outline(values)).toEqual([0, 'OBSERVATION_CUT'])
    }
    expect(outline((await read(file(whole))).values)).toEqual([1])
    expect(outline((await read(file(`${whole.slice(0, 9)}\n`))).values)).toEqual(['OBSERVATION_NOT_JSON'])
    expect(outline((await read(file('hello'))).values)).toEqual(['OBSERVATION_NOT_JSON'])
  })

  it('goes on after bad lines and says where they are', async () => {
    const path = file('{"t":1,"y":[1]}\n\nbroken\r\n{"t":2,"y":[1]}\n{"t":3,"y":["1"]}')
    const { values } = await read(path)
    expect(outline(values)).toEqual([1, 'OBSERVATION_NOT_JSON', 2, 'OBSERVATION_INVALID'])
    expect(values[1]).toMatchObject({ place: `${path}:3`, received: 'broken' })
    expect(values[3]).toMatchObject({ place: `${path}:5` })
  })

  it('ends in FILE_UNREADABLE when the file is missing or is a directory', async () => {
    for (const path of [`${temporaryDirectory()}/missing`, temporaryDirectory()]) {
      const { values, error } = await read(path)
      expect(values).toEqual([])
      expect(error).toMatchObject({ code: 'FILE_UNREADABLE', place: path })
    }
  })

  for (const count of [20, 4000])
    for (const missing of [1, 8, 200])
      it(`ends in FILE_DAMAGED after all that ${count} lines of gzip without their last ${missing} bytes hold`, async () => {
        const torn = gzipSync(textOf(count)).subarray(0, -missing)
        const rest = gunzipSync(torn, { finishFlush: constants.Z_SYNC_FLUSH }).toString()
        const whole = rest
          .split('\n')
          .slice(0, -1)
          .map(line => JSON.parse(line).t)
        const path = file(torn)
        const { values, error } = await read(path)
        expect(error).toMatchObject({ code: 'FILE_DAMAGED', place: path })
        expect(outline(values)).toEqual(whole)
      })

  it('gives all that a torn gzip holds to a slow reader too', async () => {
    const torn = gzipSync(textOf(2000)).subarray(0, -8)
    const context = feedContext()
    const holder = {}
    const watch = watchFeed(logFeed({ path: file(torn) }, context), (_, count) => {
      if (count % 150 === 1) context.valve.hold(holder)
    })
    for (let stop = 1; stop <= 2000; stop += 150) {
      await Promise.race([watch.has(stop), watch.end])
      // Long enough for everything that reads ahead to come to its end.
      for (let i = 0; i < 50; i++) await turn()
      context.valve.release(holder)
    }
    await watch.end
    expect(watch.error).toMatchObject({ code: 'FILE_DAMAGED' })
    expect(outline(watch.values)).toEqual(times(2000))
  })

  it('F42: ends in FILE_DAMAGED where a gzip is corrupt, after the members before it and nothing of its own, which may be wrong', async () => {
    const before = gzipSync(textOf(1000))
    const zipped = gzipSync(textOf(4000))
    const middle = zipped.length >> 1
    zipped.fill(0xff, middle, middle + 50)
    const { values, error } = await read(file(Buffer.concat([before, zipped, before])))
    expect(error).toMatchObject({ code: 'FILE_DAMAGED' })
    expect(outline(values)).toEqual(times(1000))
    const noticed = Number(/noticed after byte (\d+) of the zipped file/.exec((error as Error).message)?.[1])
    expect(noticed).toBeGreaterThanOrEqual(before.length + middle)
    expect(noticed).toBeLessThan(before.length + zipped.length)
  })

  it.each(['plain', 'gzip'])('takes nothing more while the valve is closed, and loses nothing (%s)', async kind => {
    const context = feedContext()
    const holder = {}
    const path = file(kind === 'gzip' ? gzipSync(textOf(5000)) : textOf(5000))
    const watch = watchFeed(logFeed({ path }, context), (_, count) => {
      if (count === 7 || count === 3000) context.valve.hold(holder)
    })
    for (const stop of [7, 3000]) {
      await watch.has(stop)
      for (let i = 0; i < 20; i++) await turn()
      expect(watch.values).toHaveLength(stop)
      context.valve.release(holder)
    }
    await watch.end
    expect(outline(watch.values)).toEqual(times(5000))
  })

  it.each(['open', 'closed'])('closes the file when it is unsubscribed while the valve is %s', async state => {
    const context = feedContext()
    const path = file(textOf(50_000))
    const watch: Watch<unknown> = watchFeed(logFeed({ path }, context), (_, count) => {
      if (count === 5 && state === 'closed') context.valve.hold({})
      if (count === 5 && state === 'open') queueMicrotask(() => watch.unsubscribe())
    })
    await watch.has(5)
    if (state === 'closed') {
      expect(isOpen(path)).toBe(true)
      watch.unsubscribe()
    }
    // The descriptor is closed by a thread; its answer comes in one of the next turns of the event loop.
    while (isOpen(path)) await turn()
    const seen = watch.values.length
    for (let i = 0; i < 20; i++) await turn()
    expect(watch.values.length).toBe(seen)
    expect(watch.completed).toBe(false)
  })

  it('wakes from its pace and closes the file when it is unsubscribed', async () => {
    const clock = new StandingClock()
    const path = file(textOf(10))
    const watch = watchFeed(logFeed({ path, speed: 1 }, feedContext({ clock })))
    await clock.asleep
    watch.unsubscribe()
    while (isOpen(path)) await turn()
    expect(watch.values).toHaveLength(1)
  })
})

describe('logFeed, positions', () => {
  const text = `\uFEFF${lines(300).join('\r\n')}\nbroken\n\n${lines(3).join('\n')}`

  it.each(['plain', 'gzip'])('goes on from every position as if it had not stopped (%s)', async kind => {
    const path = file(kind === 'gzip' ? gzipSync(text) : text)
    const whole = new Watch(logFeed({ path }, feedContext()))
    await whole.end
    expect(whole.values).toHaveLength(304)
    for (let i = 0; i < whole.values.length; i += 7) {
      const from = JSON.parse(JSON.stringify(whole.values[i]!.position))
      const rest = new Watch(logFeed({ path }, feedContext({ from })))
      await rest.end
      expect(rest.values).toEqual(whole.values.slice(i + 1))
    }
  })
})
