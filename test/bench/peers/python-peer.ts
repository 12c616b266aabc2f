import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { WindowProblem } from '../window-problem.js'

/** What another library found at the given parameters. */
export interface PeerSolution {
  readonly loss: number
  readonly states: readonly (readonly number[])[]
  /** Layer by layer, weights row-major then bias. */
  readonly gradient: readonly number[]
  /** Evaluations of f on the way forward, where the library tells. */
  readonly evaluations?: number
}

/** One Python process that solves windows with another library. */
export class PythonPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #answers: AsyncIterableIterator<string>
  readonly #lines: Interface

  /** @param script A file of this folder. @param python An interpreter that has the library. */
  constructor(script: string, python: string) {
    // The tests run from the source, the benchmark from dist/: the scripts are only in the source.
    const file = fileURLToPath(new URL(`../../../${'test/bench/peers/'}${script}`, import.meta.url)).replace(
      '/dist/',
      '/',
    )
    this.#child = spawn(python, [file], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** @returns The library's name and version. */
  async setup(problem: WindowProblem): Promise<string> {
    return (await this.#ask<{ ready: string }>({ setup: problem })).ready
  }

  solve(variant: string): Promise<PeerSolution> {
    return this.#ask({ solve: variant })
  }

  /** Seconds that n updates took. */
  async time(variant: string, n: number): Promise<number> {
    return (await this.#ask<{ seconds: number }>({ time: variant, n })).seconds
  }

  close(): void {
    this.#child.stdin.end()
    this.#lines.close()
  }

  async #ask<T>(request: object): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`${this.#child.spawnargs.join(' ')} ended before it answered`)
    return JSON.parse(value) as T
  }
}

/** The first of these interpreters that can import the module: $CONTRAFLOW_PYTHON (several, with colons), then python3. */
export function findPython(module: string): string | undefined {
  const candidates = [...(process.env.CONTRAFLOW_PYTHON ?? '').split(':').filter(Boolean), 'python3']
  return candidates.find(python => spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0)
}
