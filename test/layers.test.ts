import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/project.js'

/** Files of the engine and its operators: everything that has to give the same bits everywhere. */
function engineFiles(): string[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  return files.filter(file => file.endsWith('.ts') && !/^(cli|config|tensor)\b|generated/.test(file))
}

describe('the layers', () => {
  it('import only what lies below them, without cycles', () => {
    const command = ['node_modules/.bin/depcruise', '--config', '.config/dependency-cruiser.cjs', 'src', 'streams']
    const report = execFileSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' })
    expect(report).toContain('no dependency violations found')
  })

  it('ask no clock and no chance where the same input must give the same bits', () => {
    const banned =
      /\bDate\b|\bperformance\b|Math\.(random|exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|tanh|sinh|cosh)\(/
    const found = engineFiles().filter(file =>
      banned.test(withoutComments(readFileSync(join(ROOT, 'src', file), 'utf8'))),
    )
    // parseIso turns calendar days into seconds, which every machine does alike.
    expect(found).toEqual(['time.ts'])
  })
})

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
}
