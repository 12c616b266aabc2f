import { mkdirSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { plots } from './plots.js'
import { type Figure, met } from './section.js'
import { bits } from './sections/bits.js'
import { kernel } from './sections/kernel.js'
import { keys } from './sections/keys.js'
import { learner } from './sections/learner.js'
import { memory } from './sections/memory.js'
import { scaling } from './sections/scaling.js'
import { startup } from './sections/startup.js'
import { websocket } from './sections/websocket.js'
import { spiralGradient, window } from './sections/window.js'
import { table } from './table.js'

/** Every section, in the order it is run. */
const SECTIONS = [kernel, window, spiralGradient, learner, websocket, keys, startup, memory, scaling, bits]

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    peers: { type: 'boolean', default: false },
    plots: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
  allowPositionals: true,
})
const unknown = positionals.find(name => !SECTIONS.some(section => section.name === name))
if (values.help || unknown) {
  if (unknown) console.error(`Unknown section "${unknown}".`)
  console.error('usage: npm run bench -- [section …] [--peers] [--json FILE] [--plots FOLDER]')
  console.error(SECTIONS.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n'))
  process.exit(unknown ? 2 : 0)
}

const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${platform()} ${arch()}, Node ${process.version}`
console.log(machine)
const results: Record<string, readonly Figure[]> = {}
for (const { name, title, run } of SECTIONS) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  console.log(`\n${name}: ${title}`)
  const figures = await run({ peers: values.peers, named: positionals.length > 0 })
  console.log(table(figures))
  results[name] = figures
  if (values.plots === undefined) continue
  mkdirSync(values.plots, { recursive: true })
  for (const [file, picture] of plots(name, figures)) writeFileSync(join(values.plots, file), picture)
}
const missed = Object.values(results)
  .flat()
  .filter(figure => met(figure) === false).length
if (missed > 0) console.log(`\n${missed} of the bars above are not cleared.`)
if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`)
