import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './longest-first.js'

const ROOT = new URL('..', import.meta.url).pathname
/** What a test has to say to get a process of its own: it measures the process, or replaces its timers. */
const MEASURES = /memoryUsage|getActiveResourcesInfo|settledHeap|exposedGc|expose-gc|uncaughtException|vi\.use/
const support = (name: string) => `${ROOT}test/support/${name}.ts`
const files = readdirSync(`${ROOT}test`, { recursive: true, encoding: 'utf8' })
  .map(file => `test/${file.replaceAll('\\', '/')}`)
  // Long runs have commands of their own.
  .filter(file => file.endsWith('.test.ts') && !/^test\/(bench|soak)\//.test(file))
const alone = files.filter(file => MEASURES.test(readFileSync(ROOT + file, 'utf8')))

export default defineConfig({
  test: {
    root: ROOT,
    testTimeout: process.env.SCALE === undefined ? 60_000 : 3_600_000,
    setupFiles: [support('fail-on-unheard')],
    // Vitest leaves one processor free, which on two would be half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', new URL('../test/support/closing-line.ts', import.meta.url).pathname],
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      // To load the modules anew for each file took a third of the time of all tests.
      {
        extends: true,
        test: {
          name: 'together',
          setupFiles: [support('properties')],
          include: ['test/**/*.test.ts'],
          exclude: [...alone, 'test/bench/**', 'test/soak/**'],
          isolate: false,
        },
      },
    ],
  },
})
