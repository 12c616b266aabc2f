import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Ends a run with what a person looks for: which tests were skipped and why, and the count in one line. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()])
    const count = (state: string) => tests.filter(test => test.result().state === state).length
    for (const test of tests) if (test.result().state === 'skipped') console.log(`skipped: ${why(test)}`)
    const broken = modules.filter(module => module.errors().length > 0).length
    const unloaded = broken > 0 ? `, ${broken} files broken` : ''
    console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped${unloaded}`)
  }
}

/** The name of the test, and the reason that it or the suite around it gave. */
function why(test: TestCase): string {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : undefined
  return note === undefined ? test.fullName : `${test.fullName} (${note})`
}
