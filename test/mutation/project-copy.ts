import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from '../support/project.js'
import type { Mutant } from './mutant.js'

/** What a run of tests came to. */
export interface TestRun {
  readonly passed: number
  readonly failed: number
  /** Of each test that failed: its name, and the first line of what it says. */
  readonly failures: readonly string[]
  /** It did not end in time, or some error belongs to no test. */
  readonly broken: string | undefined
}

/** What tests need of the project; packages are shared. */
const PARTS = ['.config', 'src', 'streams', 'examples', 'test', 'dist', 'package.json', 'tsconfig.json', 'README.md']
/** Milliseconds for the tests of a row, a mutant of which may loop without end, and for those of all rows. */
const PATIENCE = { row: 300_000, all: 1_800_000 }
/** As tsconfig.json has it, for what runs. */
const COMPILER = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }

/** A copy of the project, built, in which a mutant may stand. */
export class ProjectCopy {
  readonly #root = mkdtempSync(join(tmpdir(), 'contraflow-mutants-'))

  constructor() {
    for (const part of PARTS) cpSync(join(ROOT, part), join(this.#root, part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(this.#root, 'node_modules'))
  }

  /** Takes the fix out, also of what is built, runs the tests of the row, and puts it back. @throws Error where the text is not there exactly once. */
  try({ row, tests, file, text, instead }: Mutant): TestRun {
    const [path, built] = [join(this.#root, file), join(this.#root, 'dist', file.replace(/ts$/, 'js'))]
    const [original, originalBuilt] = [path, built].map(name => readFileSync(name, 'utf8')) as [string, string]
    const mutated = edited(original, { file, text, instead })
    writeFileSync(path, mutated)
    // One file, whose types are no matter.
    writeFileSync(built, ts.transpile(mutated, COMPILER))
    try {
      return this.run(tests, row, PATIENCE.row)
    } finally {
      writeFileSync(path, original)
      writeFileSync(built, originalBuilt)
    }
  }

  /** Runs the tests that name the row; `instead` of `npm test`, which runs all. */
  run(tests: readonly string[], row: string, patience = PATIENCE.all): TestRun {
    const report = join(this.#root, 'report.json')
    rmSync(report, { force: true })
    const files = tests.map(test => `test/${test}`)
    const args = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      '.config/vitest.config.ts',
      ...files,
      '-t',
      `\\b${row}\\b`,
      '--bail=1',
      // A test that waits for what never comes is not waited for long, on a machine that may have other things to do.
      '--testTimeout=60000',
    ]
    const { VITEST: _, VITEST_MODE: __, NODE_ENV: ___, ...env } = process.env
    const { error, stderr } = spawnSync(process.execPath, [...args, '--reporter=json', `--outputFile=${report}`], {
      cwd: this.#root,
      encoding: 'utf8',
      timeout: patience,
      killSignal: 'SIGKILL',
      env,
    })
    const nothing = { passed: 0, failed: 0, failures: [] }
    if (error) return { ...nothing, broken: error.message }
    if (!existsSync(report)) return { ...nothing, broken: stderr.slice(-2000) }
    const { numPassedTests: passed, numFailedTests: failed, success, testResults } = parse(report)
    const failures = testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages: [message] }) => `${fullName}: ${message?.split('\n')[0]}`)
    return { passed, failed, failures, broken: success || failed > 0 ? undefined : stderr.slice(-2000) }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true })
  }
}

/** What vitest reports, as far as it is used. */
function parse(report: string): {
  numPassedTests: number
  numFailedTests: number
  success: boolean
  testResults: { assertionResults: { status: string; fullName: string; failureMessages: string[] }[] }[]
} {
  return JSON.parse(readFileSync(report, 'utf8'))
}

/** @throws Error where the text is not there exactly once: the source has changed, and the mutant has to follow it. */
export function edited(source: string, { file, text, instead }: Pick<Mutant, 'file' | 'text' | 'instead'>): string {
  const [before, after, ...more] = source.split(text)
  if (after === undefined || more.length > 0)
    throw new Error(`${file} has this ${after === undefined ? 'nowhere' : 'more than once'}; say it anew:\n${text}`)
  return `${before}${instead}${after}`
}
