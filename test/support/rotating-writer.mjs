/**
 * A process that appends numbered lines to a log and rotates it several times a second, as programs and logrotate do, and says in the end
 * how many lines and rotations there were. usage: node rotating-writer.mjs DIRECTORY rename|copytruncate|names SECONDS SEED
 */
import { appendFileSync, copyFileSync, existsSync, renameSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

const [directory, way, seconds, seed] = process.argv.slice(2)
/** Files that stay; a reader may fall behind, since it looks four times a second whether a file goes on. */
const KEPT = 1000
const log = join(directory, 'log')
let [lines, rotations, state] = [0, 0, Number(seed) >>> 0]

/** 0 … 1, the same for a seed: a linear congruential generator. */
function random() {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}

/** log.1 becomes log.2, and so on; the oldest goes. */
function shift() {
  rmSync(`${log}.${KEPT}`, { force: true })
  for (let n = Math.min(rotations, KEPT - 1); n >= 1; n--)
    if (existsSync(`${log}.${n}`)) renameSync(`${log}.${n}`, `${log}.${n + 1}`)
}

const name = n => join(directory, `log-${String(n).padStart(6, '0')}`)
const rotate = {
  rename() {
    shift()
    renameSync(log, `${log}.1`)
  },
  copytruncate() {
    shift()
    copyFileSync(log, `${log}.1`)
    truncateSync(log)
  },
  names() {
    rmSync(name(rotations - KEPT), { force: true })
  },
}

function burst() {
  let text = ''
  for (let left = 1 + Math.floor(random() * 20); left > 0; left--) {
    text += `{"t":${lines},"y":[${lines % 7}]}\n`
    lines++
  }
  // A line comes in two parts as often as not.
  const cut = Math.floor(random() * text.length)
  const path = way === 'names' ? name(rotations) : log
  appendFileSync(path, text.slice(0, cut))
  appendFileSync(path, text.slice(cut))
  if (random() >= 0.03) return
  rotate[way]()
  rotations++
}

const end = performance.now() + Number(seconds) * 1000
const timer = setInterval(() => {
  burst()
  if (performance.now() < end) return
  clearInterval(timer)
  process.stdout.write(`${JSON.stringify({ lines, rotations })}\n`)
}, 4)
