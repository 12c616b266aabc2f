import { appendFileSync, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Random } from '../../../src/random.js'
import { startServer } from '../sockets.js'
import type { TorturePlan } from './torture-plan.js'

/** What a trial reads. */
export interface TortureSource {
  /** As the pipeline file has it. */
  readonly config: object
  /** Does the run go on until it is told to stop? */
  readonly endless: boolean
  /** How many lines stand before those with which a run begins that has never seen it. */
  before(): number
  /** Writes some more of it, if it is written while the run goes on; all that is left when nothing is left to be seen. */
  more(all: boolean): void
}

/** Lays the lines out in a directory, or behind a socket, as the plan wants them. */
export async function tortureSource(
  kind: TorturePlan['source'],
  cwd: string,
  lines: readonly string[],
  random: Random,
): Promise<TortureSource> {
  const text = lines.map(line => `${line}\n`).join('')
  const whole = { endless: false, more: () => {}, before: () => 0 }
  switch (kind) {
    case 'log':
      writeFileSync(`${cwd}/log.ndjson`, text)
      return { config: { kind: 'log', path: 'log.ndjson' }, ...whole }
    case 'gzip':
      writeFileSync(`${cwd}/log.gz`, gzipSync(text))
      return { config: { kind: 'log', path: 'log.gz' }, ...whole }
    case 'followed':
      return followed(cwd, lines, random)
    case 'websocket':
      return { config: await served(lines), ...whole }
    default:
      return kind satisfies never
  }
}

/** A log that grows, in pieces that may end within a line, and is rotated now and then. */
function followed(cwd: string, lines: readonly string[], random: Random): TortureSource {
  const path = `${cwd}/log.ndjson`
  writeFileSync(path, '')
  /** Lines that are there as a whole, bytes of the one behind them, and lines in files that are not the newest. */
  let [next, part, before] = [0, 0, 0]
  let rotated = 0
  const begun = () =>
    existsSync(`${cwd}/state`) && readdirSync(`${cwd}/state`).some(name => name.endsWith('.contraflow'))
  const write = (until: number, bytes: number) => {
    const text = lines.slice(next, until).map(line => `${line}\n`)
    appendFileSync(path, `${text.join('')}${(lines[until] ?? '').slice(0, bytes)}`.slice(part))
    next = until
    part = bytes
  }
  const rotate = () => {
    // The names that logrotate gives: the oldest has the highest number.
    for (let i = rotated; i >= 1; i--) renameSync(`${path}.${i}`, `${path}.${i + 1}`)
    renameSync(path, `${path}.1`)
    writeFileSync(path, '')
    rotated++
    before = next
  }
  const more = (all: boolean) => {
    if (all) return write(lines.length, 0)
    // The last line tells the end.
    if (next === lines.length - 1) return
    write(Math.min(lines.length - 1, next + 1 + Math.floor((lines.length / 6) * random.uniform())), 0)
    // A log begins, for who has never seen it, with the file that is there then.
    if (random.uniform() < 0.4 && begun()) rotate()
    if (random.uniform() < 0.5) write(next, Math.floor(lines[next]!.length * random.uniform()))
  }
  return {
    config: { kind: 'log', path: 'log.ndjson', follow: true, poll: 0.01 },
    endless: true,
    before: () => before,
    more,
  }
}

/** A feed that numbers its messages and goes on behind the last one that its reader knows. */
async function served(lines: readonly string[]): Promise<object> {
  const messages = lines.map((line, i) => `${line.slice(0, -1)},"seq":${i + 1}}`)
  const { url, server } = await startServer()
  server.on('connection', (socket, request) => {
    let next = Number(new URL(request.url!, 'ws://localhost').searchParams.get('since') ?? 0)
    const send = () => {
      for (const message of messages.slice(next, next + 20)) socket.send(message)
      next += 20
      // Ten at a time, when those before have been read.
      if (next < messages.length) socket.ping()
      else socket.close(1000)
    }
    socket.on('pong', send)
    send()
  })
  return { kind: 'websocket', url, reconnect: false, resume: { sequence: '/seq', query: 'since' } }
}
