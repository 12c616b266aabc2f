import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { logFeed } from '../../streams/feeds/log/log.js'
import { systemClock } from '../../streams/time/clock.js'
import { Child, ROOT } from '../support/cli.js'
import { feedContext, outline, watchFeed } from '../support/feeds.js'
import { SEED } from '../support/seed.js'
import { temporaryDirectory } from '../support/temporary.js'

const SECONDS = Number(process.env.SECONDS ?? 60)
/** As many times as long a reader may need; one that has lost a line would wait for ever. */
const PATIENCE = 2
const WAYS = ['rename', 'copytruncate', 'names'] as const

it.each(WAYS)(
  'F40: a directory is followed while its log is rotated by %s several times a second: no line is lost or read twice',
  async way => {
    const directory = temporaryDirectory()
    const writer = new Child(process.execPath, [
      join(ROOT, 'test/support/rotating-writer.mjs'),
      ...[directory, way, String(SECONDS / WAYS.length), String(SEED)],
    ])
    const context = feedContext({ clock: systemClock })
    const watch = watchFeed(logFeed({ path: directory, follow: true }, context))
    try {
      const { code, stdout, stderr } = await writer.finished
      expect([code, stderr]).toEqual([0, ''])
      const { lines, rotations } = JSON.parse(stdout) as { lines: number; rotations: number }
      const [behind, since] = [lines - watch.values.length, performance.now()]
      await Promise.race([watch.has(lines), watch.end, sleep(PATIENCE * SECONDS * 1000, undefined, { ref: false })])
      const found = outline(watch.values)
      const wrong = found.findIndex((t, i) => t !== i)
      expect(wrong, `the line ${wrong} is ${found[wrong]}; ${context.logs.join('; ')}`).toBe(-1)
      expect([found.length, watch.error]).toEqual([lines, undefined])
      expect(rotations).toBeGreaterThan((2 * SECONDS) / WAYS.length)
      console.log(
        `F40: seed ${SEED}, ${way}: ${lines} lines, ${rotations} rotations in ${SECONDS / WAYS.length} s, each line once and in order; ` +
          `${behind} behind when the last was written, read ${((performance.now() - since) / 1000).toFixed(1)} s later`,
      )
    } finally {
      watch.unsubscribe()
    }
  },
)
