import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { logFeed } from '../../../../streams/feeds/log/log.js'
import { inOrderOfRotation } from '../../../../streams/feeds/log/rotation-order.js'
import { feedContext, outline, Watch } from '../../../support/feeds.js'
import { follow, lines, stored, times } from '../../../support/followed.js'
import { temporaryDirectory } from '../../../support/temporary.js'

describe('F40: nothing of a log is lost or read twice', () => {
  it.each([
    ['renamed', (log: string) => renameSync(log, `${log}.1`)],
    [
      'copied and emptied',
      (log: string) => {
        copyFileSync(log, `${log}.1`)
        truncateSync(log)
      },
    ],
  ])('that is rotated in a directory, read or not before: %s', async (_how, rotate) => {
    const directory = temporaryDirectory()
    const log = join(directory, 'log')
    writeFileSync(log, lines(0, 5))
    const live = follow(directory)
    let last = 5
    for (let n = 1; n <= 4; n++) {
      await live.watch.has(last)
      await live.clock.idle()
      for (let old = n - 1; old >= 1; old--) renameSync(`${log}.${old}`, `${log}.${old + 1}`)
      appendFileSync(log, lines(last, last + 2))
      rotate(log)
      appendFileSync(log, lines(last + 2, last + 5))
      last += 5
    }
    await live.watch.has(last)
    expect(live.seen()).toEqual(times(0, last))
    const later = follow(directory, { from: stored(live.watch.values[8]!.position) })
    await later.watch.has(last - 9)
    expect(later.seen()).toEqual(times(9, last))
  })

  it('whose files were written to tomorrow, by a clock that was set back since', async () => {
    const log = join(temporaryDirectory(), 'log')
    writeFileSync(log, lines(0, 5))
    const { watch } = follow(log)
    await watch.has(5)
    watch.unsubscribe()
    renameSync(log, `${log}.2`)
    const tomorrow = Date.now() / 1000 + 86400
    utimesSync(`${log}.2`, tomorrow, tomorrow)
    writeFileSync(`${log}.1`, lines(5, 10))
    writeFileSync(log, lines(10, 15))
    const { watch: rest, seen } = follow(log, { from: stored(watch.values[2]!.position) })
    await rest.has(12)
    expect(seen()).toEqual(times(3, 15))
  })

  it('in a directory whose newest file is removed and made again, while it is read and between two runs', async () => {
    const directory = temporaryDirectory()
    const newest = join(directory, '2')
    writeFileSync(join(directory, '1'), lines(0, 5))
    writeFileSync(newest, lines(5, 10))
    const { watch, clock, seen } = follow(directory)
    await watch.has(10)
    for (const next of [10, 15]) {
      await clock.idle()
      rmSync(newest)
      writeFileSync(newest, lines(next, next + 5))
      await watch.has(next + 5)
    }
    expect(seen()).toEqual(times(0, 20))
    rmSync(newest)
    const {
      watch: rest,
      seen: since,
      clock: later,
      context,
    } = follow(directory, { from: stored(watch.values[19]!.position) })
    // The files before it have been read.
    while (context.logs.length === 0) await later.idle()
    expect(since()).toEqual([])
    expect(context.logs).toEqual(['2 is gone; waiting for what comes after it'])
    writeFileSync(newest, lines(20, 25))
    await rest.has(5)
    expect(since()).toEqual(times(20, 25))
  })

  it('whose last message had no end when it was read, and has one now', async () => {
    const path = join(temporaryDirectory(), 'log')
    const [last] = lines(3, 4).split('\n') as [string]
    for (const cut of [10, last.length]) {
      writeFileSync(path, lines(0, 3) + last.slice(0, cut))
      const first = new Watch(logFeed({ path }, feedContext()))
      await first.end
      const from = stored(first.values.at(-1)!.position)
      const again = new Watch(logFeed({ path }, feedContext({ from })))
      await again.end
      expect(again.values).toEqual([])
      appendFileSync(path, `${last.slice(cut)}\n${lines(4, 6)}`)
      const rest = new Watch(logFeed({ path }, feedContext({ from })))
      await rest.end
      expect(outline(rest.values.map(({ value }) => value))).toEqual(times(cut < last.length ? 3 : 4, 6))
    }
  })

  it('that is not there yet, whatever it becomes, in a directory that comes and goes', async () => {
    const path = join(temporaryDirectory(), 'disk', 'logs')
    const { watch, clock, seen, context } = follow(path)
    await clock.idle()
    expect(context.logs).toEqual([`${path} is not there yet, or empty; waiting for it`])
    for (const next of [0, 5]) {
      mkdirSync(path, { recursive: true })
      writeFileSync(join(path, `log-${next}`), lines(next, next + 5))
      await watch.has(next + 5)
      await clock.idle()
      rmSync(path, { recursive: true })
      await clock.idle()
    }
    expect(seen()).toEqual(times(0, 10))
  })
})

describe('inOrderOfRotation', () => {
  const NOW = 1000
  const sorted = (...files: [string, number][]) =>
    inOrderOfRotation(
      'log',
      files.map(([name, time]) => ({ name, time })),
      NOW,
    ).map(({ name }) => name)

  it('takes higher numbers for older, however old the files seem, unless most of them say otherwise', () => {
    expect(sorted(['log.1', 30], ['log.10.gz', 90], ['log.2', 20])).toEqual(['log.10.gz', 'log.2', 'log.1'])
    expect(sorted(['log.1', 30], ['log.2', NOW + 1])).toEqual(['log.2', 'log.1'])
    expect(sorted(['log.1', 30], ['log.2', 30])).toEqual(['log.2', 'log.1'])
    expect(sorted(['log.3', 60], ['log.1', 30], ['log.2', 40])).toEqual(['log.1', 'log.2', 'log.3'])
  })

  it('takes earlier dates for older, and of different ways to name files the ones that were given up', () => {
    expect(sorted(['log-20261124', 10], ['log-20261123.gz', 20])).toEqual(['log-20261123.gz', 'log-20261124'])
    expect(sorted(['log.2026-11-24', 90], ['log.1', 50], ['log.2', 40], ['log.old', 10])).toEqual([
      'log.old',
      'log.2',
      'log.1',
      'log.2026-11-24',
    ])
  })
})
