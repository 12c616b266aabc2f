import { defineConfig } from 'vitest/config'

/** Long runs, one after the other; each prints its seed, its counts and its figures. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/soak/**/*.soak.ts'],
    testTimeout: 3_600_000,
    fileParallelism: false,
    disableConsoleIntercept: true,
  },
})
