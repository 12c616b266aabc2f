import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Long runs have commands of their own.
    exclude: ['test/bench/**', 'test/soak/**'],
    testTimeout: 60_000,
    // Vitest leaves one processor free, which on two would be half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', new URL('../test/support/closing-line.ts', import.meta.url).pathname],
  },
})
