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
  const nothing = () => {}
  switch (kind) {
    case 'log':
      writeFileSync(`${cwd}/log.ndjson`, text)
      return { config: { kind: 'log', path: 'log.ndjson' }, endless: false, more: nothing }
    case 'gzip':
      writeFileSync(`${cwd}/log.gz`, gzipSync(text))
      return { config: { kind: 'log', path: 'log.gz' }, endless: false, more: nothing }
    case 'followed':
      return followed(cwd, lines, random)
    case 'websocket':
      return { config: await served(lines), endless: false, more: nothing }
    default:
      return kind satisfies never
  }
}

/** A log that grows, in pieces that may end within a line, and is rotated now and then. */
function followed(cwd: string, lines: readonly string[], random: Random): TortureSource {
  const path = `${cwd}/log.ndjson`
  writeFileSync(path, '')
  let [next, rotated] = [0, 0]
  const begun = () =>
    existsSync(`${cwd}/state`) && readdirSync(`${cwd}/state`).some(name => name.endsWith('.contraflow'))
  const more = (all: boolean) => {
    const until = all ? lines.length : Math.min(lines.length, next + Math.ceil((lines.length / 6) * random.uniform()))
    const piece = lines.slice(next, until).map(line => `${line}\n`)
    appendFileSync(path, piece.join(''))
    next = until
    // A log begins, for who has never seen it, with the file that is there then.
    if (!all && random.uniform() < 0.4 && begun()) {
      // The names that logrotate gives: the oldest has the highest number.
      for (let i = rotated; i >= 1; i--) renameSync(`${path}.${i}`, `${path}.${i + 1}`)
      renameSync(path, `${path}.1`)
      writeFileSync(path, '')
      rotated++
    }
  }
  return { config: { kind: 'log', path: 'log.ndjson', follow: true, poll: 0.01 }, endless: true, more }
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
