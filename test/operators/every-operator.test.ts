import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../support/project.js'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
/** Names of the functions in src/operators that make an operator. */
const operators = readdirSync(join(ROOT, 'src/operators'))
  .map(file => read(`src/operators/${file}`))
  .flatMap(code => code.split(/^export function /m).slice(1))
  .filter(code => /\): (MonoType)?OperatorFunction</.test(code.split('\n}')[0]!))
  .map(code => /^\w+/.exec(code)![0])

describe('the operators', () => {
  it('are those of the design', () => {
    for (const name of ['reorder', 'adjointWindow', 'learn', 'propagate', 'forecast', 'perKey', 'prequential'])
      expect(operators).toContain(name)
  })

  it('are all tested by the same cases, callbacks included, and exported', () => {
    const tests = readdirSync(join(ROOT, 'test/operators'))
      .map(file => read(`test/operators/${file}`))
      .join('\n')
    const index = read('src/index.ts')
    for (const name of operators) {
      expect(tests, name).toContain(`describeOperatorContract('${name}'`)
      expect(index, name).toMatch(new RegExp(`\\b${name}\\b.*operators/`))
    }
  })
})
