import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Child, MAIN, ROOT } from './cli.js'

/** Milliseconds between signs of life, and without one until others go on: short, so that tests are. */
export const LEASE = { beat: 40, patience: 400 }

/** Opens a state directory, writes checkpoints and closes it as it is told on standard input; answers each with a line. */
const SCRIPT = `
import { createInterface } from 'node:readline'
import { encodeCheckpoint } from '${ROOT}dist/src/learn/checkpoint/encode-checkpoint.js'
import { CheckpointDirectory } from '${ROOT}dist/streams/checkpoint/checkpoint-directory.js'
const [directory, beat, patience] = process.argv.slice(1)
let opened
const acts = {
  open: async () => {
    opened = await CheckpointDirectory.open({ directory, beat: Number(beat), patience: Number(patience) })
  },
  write: async n => {
    await opened.write(encodeCheckpoint({ identity: null, summary: Number(n), state: {} }))
  },
  close: () => opened.close(),
}
let count = 0
for await (const line of createInterface({ input: process.stdin })) {
  const [act, argument] = line.split(' ')
  const answer = await acts[act](argument).then(() => 'done', error => error.code + ' ' + error.received)
  console.log(++count + ' ' + answer)
}`

/** Why there are no process namespaces here; undefined when there are. */
export const NO_NAMESPACES = (() => {
  const { status, error, stderr } = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true'])
  return status === 0 ? undefined : `process namespaces need unshare and the right to use it: ${error ?? stderr}`
})()

/** A process of node with a process namespace of its own, as in a container. It is number 1 there. */
function inNamespace(args: readonly string[]): Child {
  return new Child('unshare', ['--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, ...args])
}

/** Starts a command of contraflow in a process namespace of its own. */
export function contraflowInNamespace(args: readonly string[]): Child {
  return inNamespace([MAIN, ...args])
}

/** To the process itself, not the one that made its namespace. */
export function signalInNamespace({ process: { pid } }: Child, signal: NodeJS.Signals): void {
  process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')), signal)
}

/** A process in a namespace of its own, as in a container, that wants a state directory. */
export class Rival {
  readonly #child: Child
  #asked = 0

  constructor(directory: string) {
    this.#child = inNamespace(['--input-type=module', '-e', SCRIPT, directory, `${LEASE.beat}`, `${LEASE.patience}`])
  }

  /** @returns What it answers: `done`, or the code and the sentence of a failure. */
  async does(act: string): Promise<string> {
    this.tell(act)
    return this.answer()
  }

  /** As `does`, without waiting for the answer. */
  tell(act: string): void {
    this.#asked++
    this.#child.process.stdin.write(`${act}\n`)
  }

  async answer(): Promise<string> {
    const answer = new RegExp(`^${this.#asked} (.*)$`, 'm')
    await this.#child.says('stdout', answer)
    return answer.exec(this.#child.stdout)![1]!
  }

  signal(signal: NodeJS.Signals): void {
    signalInNamespace(this.#child, signal)
  }

  /** Resolves when it is gone. */
  get gone(): Promise<unknown> {
    return this.#child.finished
  }

  end(): void {
    this.#child.process.stdin.end()
  }
}
