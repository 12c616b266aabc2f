import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stdinFeed } from '../../../streams/feeds/stdin.js'
import { feedContext, outline, watchFeed } from '../../support/feeds.js'

/** A child that writes to a real pipe. */
function child(program: string): ChildProcessByStdio<null, Readable, null> {
  const process_ = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => {
    process_.kill('SIGKILL')
  })
  return process_
}

const ENDLESS = `
  let n = 0
  process.stdout.on('error', error => process.exit(error.code === 'EPIPE' ? 7 : 1))
  const write = () => {
    while (process.stdout.write('{"t":' + n++ + ',"y":[1]}\\n'));
    process.stdout.once('drain', write)
  }
  write()`

describe('stdinFeed', () => {
  it('reads what a child writes, and completes when it ends', async () => {
    const writer = child(`for (let n = 0; n < 5000; n++) console.log(n === 9 ? 'oops' : '{"t":' + n + ',"y":[1]}')`)
    const watch = watchFeed(stdinFeed(feedContext(), writer.stdout))
    await watch.end
    expect(watch.completed).toBe(true)
    const expected: (number | string)[] = Array.from({ length: 5000 }, (_, n) => n)
    expected[9] = 'OBSERVATION_NOT_JSON'
    expect(outline(watch.values)).toEqual(expected)
    expect(watch.values[9]).toMatchObject({ place: 'stdin:10' })
  })

  it('stops the writer while the valve is closed, and loses nothing', async () => {
    const context = feedContext()
    const holder = {}
    const { stdout } = child(ENDLESS)
    const watch = watchFeed(stdinFeed(context, stdout), (_, count) => {
      if (count % 1000 === 0) context.valve.hold(holder)
    })
    for (let stop = 1000; stop <= 5000; stop += 1000) {
      await watch.has(stop)
      for (let i = 0; i < 20; i++) await turn()
      expect(watch.values).toHaveLength(stop)
      // What the stream reads ahead, and one chunk.
      expect(stdout.readableLength).toBeLessThanOrEqual(2 * 65536)
      context.valve.release(holder)
    }
    watch.unsubscribe()
    expect(outline(watch.values)).toEqual(Array.from({ length: watch.values.length }, (_, n) => n))
  })

  it('closes the pipe when it is unsubscribed, so that the writer ends', async () => {
    const writer = child(ENDLESS)
    const watch = watchFeed(stdinFeed(feedContext(), writer.stdout))
    await watch.has(100)
    const exit = once(writer, 'exit')
    watch.unsubscribe()
    expect(await exit).toEqual([7, null])
  })
})
