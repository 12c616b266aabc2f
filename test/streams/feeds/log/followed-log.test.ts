import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CsvDecoder } from '../../../../src/config/decoders/csv-decoder.js'
import type { FeedPosition } from '../../../../streams/feeds/feed.js'
import { logFeed } from '../../../../streams/feeds/log/log.js'
import { feedContext, outline, Watch, watchFeed } from '../../../support/feeds.js'
import { follow, lines, PatientClock, stored, times } from '../../../support/followed.js'
import { temporaryDirectory } from '../../../support/temporary.js'

describe('logFeed that follows a file', () => {
  it('reads what is there and what is written afterwards, and takes no line before its end', async () => {
    const path = join(temporaryDirectory(), 'log')
    writeFileSync(path, `${lines(0, 3)}{"t":3,`)
    const { watch, clock, seen } = follow(path)
    await watch.has(3)
    await clock.idle()
    expect(seen()).toEqual(times(0, 3))
    appendFileSync(path, `"y":[1]}\n${lines(4, 6)}`)
    await watch.has(6)
    expect(seen()).toEqual(times(0, 6))
  })

  it('waits for a file that is not there yet', async () => {
    const path = join(temporaryDirectory(), 'log')
    const { watch, clock, seen } = follow(path)
    await clock.idle()
    writeFileSync(path, lines(0, 2))
    await watch.has(2)
    expect(seen()).toEqual([0, 1])
  })

  it('reads on after rotations by renaming, and what was written to the old file last', async () => {
    const path = join(temporaryDirectory(), 'log')
    writeFileSync(path, lines(0, 5))
    const { watch, clock, seen } = follow(path)
    for (let n = 1; n <= 5; n++) {
      await watch.has(5 * n)
      await clock.idle()
      for (let old = n - 1; old >= 1; old--) renameSync(`${path}.${old}`, `${path}.${old + 1}`)
      renameSync(path, `${path}.1`)
      appendFileSync(`${path}.1`, lines(5 * n, 5 * n + 2))
      writeFileSync(path, lines(5 * n + 2, 5 * n + 5))
    }
    await watch.has(30)
    expect(seen()).toEqual(times(0, 30))
  })

  it('reads on when the old file is zipped away', async () => {
    const path = join(temporaryDirectory(), 'log')
    writeFileSync(path, lines(0, 50))
    const { watch, clock, seen } = follow(path)
    await watch.has(50)
    await clock.idle()
    writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(path)))
    rmSync(path)
    writeFileSync(path, lines(50, 60))
    await watch.has(60)
    expect(seen()).toEqual(times(0, 60))
  })

  it('begins anew in a file that was emptied, also when it has grown again', async () => {
    const path = join(temporaryDirectory(), 'log')
    writeFileSync(path, lines(0, 100))
    const { watch, clock, context, seen } = follow(path)
    await watch.has(100)
    await clock.idle()
    truncateSync(path)
    await clock.idle()
    appendFileSync(path, lines(100, 150))
    await watch.has(150)
    expect(seen()).toEqual(times(0, 150))
    expect(context.logs).toContain(`${path} was cut; reading it from its beginning`)
  })

  it('closes the file and stops looking when it is unsubscribed', async () => {
    const path = join(temporaryDirectory(), 'log')
    writeFileSync(path, lines(0, 1))
    const { watch, clock } = follow(path)
    await watch.has(1)
    await clock.idle()
    watch.unsubscribe()
    const looks = clock.sleeps.length
    for (let i = 0; i < 100; i++) await new Promise(setImmediate)
    expect(clock.sleeps.length).toBeLessThanOrEqual(looks + 1)
  })
})

describe('logFeed, directories', () => {
  it('reads the files in the order of their names, numbers as numbers, zipped or not, and no others', async () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'log.10.ndjson'), lines(20, 25))
    writeFileSync(join(directory, 'log.9.ndjson.gz'), gzipSync(lines(10, 20)))
    writeFileSync(join(directory, 'log.1.ndjson'), lines(0, 10))
    writeFileSync(join(directory, 'readme.txt'), 'no log')
    writeFileSync(join(directory, '.log.11.ndjson'), 'hidden')
    mkdirSync(join(directory, 'log.12.ndjson'))
    const watch = watchFeed(logFeed({ path: directory, files: '.ndjson' }, feedContext()))
    await watch.end
    expect(watch.error).toBeUndefined()
    expect(outline(watch.values)).toEqual(times(0, 25))
  })

  it('goes on into files that come later', async () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'a'), lines(0, 5))
    const { watch, clock, seen } = follow(directory)
    await watch.has(5)
    await clock.idle()
    appendFileSync(join(directory, 'a'), lines(5, 8))
    writeFileSync(join(directory, 'b.gz'), gzipSync(lines(8, 20)))
    writeFileSync(join(directory, 'c'), lines(20, 30))
    await watch.has(30)
    expect(seen()).toEqual(times(0, 30))
  })

  it('F42: gives everything before the damage in one of the files, and says which', async () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'a'), lines(0, 5))
    writeFileSync(join(directory, 'b.gz'), gzipSync(lines(5, 1000)).subarray(0, -5))
    writeFileSync(join(directory, 'c'), lines(1000, 1010))
    const watch = watchFeed(logFeed({ path: directory }, feedContext()))
    await watch.end
    expect(outline(watch.values)).toEqual(times(0, 1000))
    expect(watch.error).toMatchObject({ code: 'FILE_DAMAGED', place: join(directory, 'b.gz') })
  })

  it('says when there is nothing to read', async () => {
    const watch = watchFeed(logFeed({ path: temporaryDirectory(), files: '.csv' }, feedContext()))
    await watch.end
    expect(watch.error).toMatchObject({ code: 'FILE_UNREADABLE', received: 'no log whose name ends in ".csv"' })
  })
})

describe('logFeed that goes on where it was', () => {
  /** Reads some, and says where it stood. */
  async function positionAfter(path: string, count: number): Promise<FeedPosition> {
    const { watch } = follow(path)
    await watch.has(count)
    watch.unsubscribe()
    return stored(watch.values[count - 1]!.position)
  }

  it.each([
    ['as it was', () => {}],
    ['renamed', path => renameSync(path, `${path}.1`)],
    [
      'zipped',
      path => {
        writeFileSync(`${path}.1.gz`, gzipSync(readFileSync(path)))
        rmSync(path)
      },
    ],
    [
      'copied and emptied',
      path => {
        writeFileSync(`${path}.1`, readFileSync(path))
        truncateSync(path)
      },
    ],
  ] as [string, (path: string) => void][])('in a file that is %s', async (_what, rotate) => {
    for (const count of [1, 7, 60, 100]) {
      const path = join(temporaryDirectory(), 'log')
      writeFileSync(path, lines(0, 100))
      const from = await positionAfter(path, count)
      rotate(path)
      appendFileSync(path, lines(100, 120))
      const { watch, seen } = follow(path, { from })
      await watch.has(120 - count)
      expect(seen()).toEqual(times(count, 120))
    }
  })

  it('in a directory, also in one of its files that has been zipped', async () => {
    const directory = temporaryDirectory()
    for (let i = 0; i < 4; i++) writeFileSync(join(directory, `log.${i}`), lines(50 * i, 50 * i + 50))
    const whole = new Watch(logFeed({ path: directory }, feedContext()))
    await whole.end
    for (const count of [1, 50, 51, 120, 199]) {
      const from = stored(whole.values[count - 1]!.position)
      const rest = watchFeed(logFeed({ path: directory }, feedContext({ from })))
      await rest.end
      expect(outline(rest.values)).toEqual(times(count, 200))
    }
    const from = stored(whole.values[119]!.position)
    writeFileSync(join(directory, 'log.2.gz'), gzipSync(readFileSync(join(directory, 'log.2'))))
    rmSync(join(directory, 'log.2'))
    const zipped = watchFeed(logFeed({ path: directory }, feedContext({ from })))
    await zipped.end
    expect(outline(zipped.values)).toEqual(times(120, 200))
  })

  it('after a file that is gone, and says so', async () => {
    const directory = temporaryDirectory()
    for (let i = 0; i < 3; i++) writeFileSync(join(directory, `log.${i}`), lines(50 * i, 50 * i + 50))
    const whole = new Watch(logFeed({ path: directory }, feedContext()))
    await whole.end
    rmSync(join(directory, 'log.1'))
    const context = feedContext({ from: stored(whole.values[70]!.position) })
    const rest = watchFeed(logFeed({ path: directory }, context))
    await rest.end
    expect(outline(rest.values)).toEqual(times(100, 150))
    expect(context.logs).toEqual(['log.1 is gone; going on with the files after it'])
  })

  it('in CSV, whose header it reads again', async () => {
    const path = join(temporaryDirectory(), 'log.csv')
    const rows = Array.from({ length: 30 }, (_, i) => `${i},"${i}"\n`)
    writeFileSync(path, `t,a\n${rows.join('')}`)
    const decoder = () => new CsvDecoder({}, {})
    const csv = { path, quoted: true, openEnd: false }
    const whole = new Watch(logFeed(csv, feedContext({ decoder: decoder() })))
    await whole.end
    expect(whole.values).toHaveLength(30)
    for (const follows of [false, true]) {
      const from = stored(whole.values[9]!.position)
      const context = feedContext({ from, decoder: decoder(), clock: new PatientClock() })
      const rest = watchFeed(logFeed({ ...csv, follow: follows }, context))
      onTestFinished(() => rest.unsubscribe())
      await rest.has(20)
      expect(outline(rest.values)).toEqual(times(10, 30))
    }
  })
})
