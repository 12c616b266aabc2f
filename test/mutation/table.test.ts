import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FAULTS, testsById } from '../support/faults.js'
import { ROOT } from '../support/project.js'
import { MUTANTS } from './index.js'
import { edited } from './project-copy.js'

describe('the table of mutants', () => {
  it('has one for every row at least', () => {
    const rows = new Set(MUTANTS.map(({ row }) => row))
    expect(Object.keys(FAULTS).filter(row => !rows.has(row))).toEqual([])
  })

  it('takes out what is there', () => {
    const problems = MUTANTS.flatMap(mutant => {
      try {
        const source = readFileSync(join(ROOT, mutant.file), 'utf8')
        return edited(source, mutant) === source ? [`${mutant.row}: nothing is taken out of ${mutant.file}`] : []
      } catch (error) {
        return [`${mutant.row}: ${(error as Error).message}`]
      }
    })
    expect(problems).toEqual([])
  })

  it('names tests that name its row', () => {
    const byId = testsById('F')
    for (const { row, tests } of MUTANTS) {
      expect(tests.map(test => join('test', test)).filter(test => !existsSync(join(ROOT, test)))).toEqual([])
      expect(byId.get(row)).toEqual(expect.arrayContaining(tests.map(test => join('test', test))))
    }
  })
})
