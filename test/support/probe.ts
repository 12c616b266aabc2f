import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type Child, ROOT, startContraflow } from './cli.js'
import { temporaryFile } from './temporary.js'

/** What a process has seen since it was asked last. */
export interface Seen {
  /** Milliseconds by which its event loop was late. */
  readonly loop: { readonly p50: number; readonly p99: number; readonly most: number }
  /** Estimates that were made into JSON. */
  readonly estimates: number
  /** Bytes of the heap in use; after a collection when `collect` was asked for. */
  readonly heap: number
  /** Sockets, timers and the like. */
  readonly resources: number
}

/** Starts a command of contraflow that can be asked how it is. @param collect Collect garbage at every look, which takes some 50 ms. */
export function startProbed(
  args: readonly string[],
  cwd: string,
  { collect = false }: { readonly collect?: boolean } = {},
): { run: Child; look: () => Promise<Seen> } {
  const path = temporaryFile('probe.ndjson')
  const module = pathToFileURL(`${ROOT}test/support/process-probe.mjs`).href
  const run = startContraflow(args, {
    cwd,
    env: { PROBE: path, NODE_OPTIONS: `--import ${module}`, ...(collect && { PROBE_GC: '1' }) },
  })
  const lines = () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [])
  const look = async () => {
    const before = lines().length
    run.process.kill('SIGUSR2')
    while (lines().length === before) {
      if (run.process.exitCode !== null) throw new Error(`The process has ended: ${run.stderr}`)
      await delay(5)
    }
    return JSON.parse(lines().at(-1)!) as Seen
  }
  return { run, look }
}
