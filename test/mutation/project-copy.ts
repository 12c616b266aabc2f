import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../support/project.js'
import type { Mutant } from './mutant.js'

/** What a run of tests came to. */
export interface TestRun {
  readonly passed: number
  readonly failed: number
  /** It did not end in time, or some error belongs to no test. */
  readonly broken: string | undefined
}

/** What tests need of the project; packages are shared. */
const PARTS = ['.config', 'src', 'streams', 'examples', 'test', 'dist', 'package.json', 'tsconfig.json', 'README.md']
/** Milliseconds for the tests of a row; a mutant may loop without end. */
const PATIENCE = 300_000

/** A copy of the project in which a mutant may stand. */
export class ProjectCopy {
  readonly #root = mkdtempSync(join(tmpdir(), 'contraflow-mutants-'))

  constructor() {
    for (const part of PARTS) cpSync(join(ROOT, part), join(this.#root, part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(this.#root, 'node_modules'))
  }

  /** Takes the fix out, runs the tests of the row, and puts it back. @throws Error where the text is not there exactly once. */
  try({ row, tests, file, text, instead }: Mutant): TestRun {
    const path = join(this.#root, file)
    const original = readFileSync(path, 'utf8')
    writeFileSync(path, edited(original, { file, text, instead }))
    try {
      return this.run(tests, row)
    } finally {
      writeFileSync(path, original)
    }
  }

  /** Runs the tests that name the row; `instead` of `npm test`, which runs all. */
  run(tests: readonly string[], row: string): TestRun {
    if (tests.some(test => runsBuilt(join(this.#root, 'test', test)))) this.#build()
    const report = join(this.#root, 'report.json')
    rmSync(report, { force: true })
    const files = tests.map(test => `test/${test}`)
    const args = [
      'vitest',
      'run',
      '--config',
      '.config/vitest.config.ts',
      ...files,
      '-t',
      `\\b${row}\\b`,
      '--bail=1',
      '--testTimeout=30000',
    ]
    const { error, stderr } = this.#npx([...args, '--reporter=json', `--outputFile=${report}`])
    if (error) return { passed: 0, failed: 0, broken: error.message }
    if (!existsSync(report)) return { passed: 0, failed: 0, broken: stderr.slice(-2000) }
    const { numPassedTests: passed, numFailedTests: failed, success } = JSON.parse(readFileSync(report, 'utf8'))
    return { passed, failed, broken: success || failed > 0 ? undefined : stderr.slice(-2000) }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true })
  }

  /** What the compiler finds wrong with a mutant is no matter. */
  #build(): void {
    this.#npx(['tsc'])
  }

  #npx(args: readonly string[]): SpawnSyncReturns<string> {
    const { VITEST: _, VITEST_MODE: __, NODE_ENV: ___, ...env } = process.env
    return spawnSync('npx', args, { cwd: this.#root, encoding: 'utf8', timeout: PATIENCE, killSignal: 'SIGKILL', env })
  }
}

/** @throws Error where the text is not there exactly once: the source has changed, and the mutant has to follow it. */
export function edited(source: string, { file, text, instead }: Pick<Mutant, 'file' | 'text' | 'instead'>): string {
  const [before, after, ...more] = source.split(text)
  if (after === undefined || more.length > 0)
    throw new Error(`${file} has this ${after === undefined ? 'nowhere' : 'more than once'}; say it anew:\n${text}`)
  return `${before}${instead}${after}`
}

/** Does a test run the built command? */
function runsBuilt(test: string): boolean {
  return /support\/(cli|interrupted|torture)|\/dist\//.test(readFileSync(test, 'utf8'))
}
