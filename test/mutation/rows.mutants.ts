import { afterAll, describe, expect, it } from 'vitest'
import { MUTANTS } from './index.js'
import { ProjectCopy } from './project-copy.js'

/** One row alone: ROW=F07. */
const { ROW } = process.env
const chosen = MUTANTS.filter(({ row }) => ROW === undefined || row === ROW)
const copy = new ProjectCopy()
afterAll(() => copy.remove())

const files = [...new Set(chosen.flatMap(({ tests }) => tests))]
const rows = [...new Set(chosen.map(({ row }) => row))]

describe('with every fix in its place', () => {
  it(`the tests of ${rows.join(', ')} pass`, () => {
    const run = copy.run(files, `(${rows.join('|')})`)
    console.log(`all rows, ${files.length} files: ${run.passed} passed, ${run.failed} failed`)
    expect(run).toEqual({ passed: expect.any(Number), failed: 0, failures: [], broken: undefined })
    expect(run.passed).toBeGreaterThanOrEqual(rows.length)
  })
})

describe('without it', () => {
  it.each(chosen.map(mutant => ({ ...mutant, line: mutant.text.split('\n')[0]! })))(
    '$row fails: $file without $line',
    mutant => {
      const begin = performance.now()
      const run = copy.try(mutant)
      const seconds = ((performance.now() - begin) / 1000).toFixed(0)
      console.log(`${mutant.row} ${mutant.file}: ${run.failed} failed, ${run.passed} passed, ${seconds} s`)
      for (const failure of run.failures) console.log(`  ${failure}`)
      if (run.failed === 0) console.log(run.broken ?? `SURVIVED: ${mutant.text}`)
      expect(run.failed, run.broken).toBeGreaterThan(0)
    },
  )
})
