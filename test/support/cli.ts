import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** The built command. */
export const MAIN = `${ROOT}dist/src/cli/main.js`
if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" first.`)

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  /** What it reads on standard input; nothing by default. */
  readonly input?: string
  readonly cwd?: string
  /** Beside those of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/** A child process whose output is kept. Killed when the test ends before it. */
export class Child {
  readonly process: ChildProcessWithoutNullStreams
  stdout = ''
  stderr = ''
  readonly finished: Promise<Finished>

  constructor(command: string, args: readonly string[], { input, cwd = ROOT, env }: RunOptions = {}) {
    this.process = spawn(command, args, { cwd, env: { ...process.env, NO_COLOR: '1', ...env } })
    onTestFinished(() => {
      this.process.kill('SIGKILL')
    })
    const { stdin, stdout, stderr } = this.process
    stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    stdin.on('error', () => {})
    if (input !== undefined) stdin.end(input)
    this.finished = once(this.process, 'close').then(([code, signal]) => {
      return { code, signal, stdout: this.stdout, stderr: this.stderr }
    })
  }

  /** Resolves when a stream has said something that matches. */
  async says(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void> {
    while (!pattern.test(this[stream])) {
      const ended = this.finished.then(({ stderr }) => {
        throw new Error(`The child ended before it said ${pattern}: ${stderr}`)
      })
      await Promise.race([once(this.process[stream], 'data'), ended])
    }
  }
}

/** Runs a command of contraflow to its end. */
export function contraflow(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Child(process.execPath, [MAIN, ...args], { input: '', ...options }).finished
}

/** Starts a command of contraflow; its standard input stays open. */
export function startContraflow(args: readonly string[], options: RunOptions = {}): Child {
  return new Child(process.execPath, [MAIN, ...args], options)
}

/** Runs a line of shell in which `contraflow` is the built command. */
export function shell(line: string, options: RunOptions = {}): Promise<Finished> {
  const definition = `contraflow() { '${process.execPath}' '${MAIN}' "$@"; }`
  return new Child('/bin/sh', ['-c', `${definition}\n${line}`], { input: '', ...options }).finished
}
