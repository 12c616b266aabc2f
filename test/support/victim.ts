import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startContraflow } from './cli.js'
import { startServer, TestClient } from './sockets.js'
import { temporaryDirectory } from './temporary.js'

/** A pipeline in a process of its own, between a feed and subscribers of which anyone may be hostile. */
export async function startVictim(source: object = {}, sink: object = {}) {
  const cwd = temporaryDirectory()
  const feed = await startServer(() => {}, { perMessageDeflate: true })
  const config = {
    source: { kind: 'websocket', url: feed.url, timeCheck: false, ...source },
    sinks: [{ kind: 'websocket', port: 0, ...sink }],
  }
  writeFileSync(join(cwd, 'contraflow.yaml'), JSON.stringify(config))
  const run = startContraflow(['run', '--json'], { cwd })
  await run.says('stderr', /estimates on (\S+)/)
  const url = /estimates on (\S+)/.exec(run.stderr)![1]!
  const bystander = await TestClient.connect(url)
  let t = 0
  return {
    run,
    feed,
    url,
    port: Number(new URL(url).port),
    /** The next connection of its feed, over which one sound message has been learned. */
    async connection() {
      const socket = await feed.connection()
      const heard = bystander.texts.length
      socket.send(`{"t":${++t},"y":[${t % 7}]}`)
      await bystander.has(heard + 1)
      return socket
    },
    memory: new ResidentMemory(run.process.pid!),
  }
}

/** The resident memory of another process, MiB. */
export class ResidentMemory {
  readonly #path: string
  readonly #reset: string

  constructor(pid: number) {
    this.#path = `/proc/${pid}/status`
    this.#reset = `/proc/${pid}/clear_refs`
  }

  get now(): number {
    return this.#read('VmRSS')
  }

  /** The most since `forget`. */
  get peak(): number {
    return this.#read('VmHWM')
  }

  /** The peak begins anew. */
  forget(): void {
    writeFileSync(this.#reset, '5')
  }

  #read(name: string): number {
    return Number(new RegExp(`${name}:\\s*(\\d+) kB`).exec(readFileSync(this.#path, 'utf8'))![1]) / 1024
  }
}
