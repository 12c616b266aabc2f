import { defineConfig } from 'vitest/config'

/** Takes one fix after the other out of a copy of the project: the tests of its row must fail. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/mutation/*.mutants.ts'],
    testTimeout: 3_600_000,
    disableConsoleIntercept: true,
  },
})
