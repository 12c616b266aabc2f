import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/project.js'

/**
 * All of RxJS that the product uses. Nothing in here has a timer, a buffer without bound, a count of retries, or a subscription that
 * outlives its subscribers; what is added has to be held against PITFALLS in support/faults.ts.
 */
const USED = new Set([
  ...['Observable', 'Subject', 'ReplaySubject', 'EMPTY', 'NEVER', 'of', 'defer', 'concat', 'merge', 'fromEvent'],
  ...[
    'map',
    'filter',
    'tap',
    'pipe',
    'identity',
    'connect',
    'takeUntil',
    'takeWhile',
    'mergeAll',
    'concatMap',
    'exhaustMap',
  ],
])
/** Where an operator is used that could be misused elsewhere: once, for the reason given. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  mergeAll: ['streams/feeds/index.ts'], // a single inner feed
  exhaustMap: ['streams/pipeline/run-feed.ts'], // a run is stopped once
  concatMap: ['src/operators/propagate.ts', 'src/operators/reorder.ts'], // arrays, passed on before the next value can come
}

/** What a file does with RxJS that it may not. */
function complaintsOf(path: string, code: string): string[] {
  const complaints: string[] = []
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const { text } = node.moduleSpecifier
      const bindings = node.importClause?.namedBindings
      if (/^rxjs\//.test(text)) complaints.push(`${path}: ${text}`)
      else if (text === 'rxjs' && bindings && ts.isNamedImports(bindings)) {
        if (!node.importClause?.isTypeOnly)
          for (const { isTypeOnly, propertyName, name } of bindings.elements) {
            const used = (propertyName ?? name).text
            const places = ONLY_IN[used]
            if (!isTypeOnly && (!USED.has(used) || (places && !places.includes(path))))
              complaints.push(`${path}: ${used}`)
          }
      } else if (text === 'rxjs') complaints.push(`${path}: all of rxjs`)
    }
    if (ts.isNewExpression(node) && node.expression.getText() === 'ReplaySubject' && !node.arguments?.length)
      complaints.push(`${path}: ReplaySubject without a bound`)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return complaints
}

const files = ['src', 'streams'].flatMap(folder =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => `${folder}/${name.replaceAll('\\', '/')}`),
)

describe('RxJS', () => {
  it('X2, X5, X7, X9, X10, X14, X17, X18, X21, X22: is used by the idioms that last, and no others', () => {
    const uses = files
      .map(path => [path, readFileSync(join(ROOT, path), 'utf8')] as const)
      .filter(([, code]) => /rxjs|ReplaySubject/.test(code))
    expect(uses.length).toBeGreaterThan(25)
    expect(uses.flatMap(([path, code]) => complaintsOf(path, code))).toEqual([])
  })

  it.each([
    ['observeOn', "import { observeOn } from 'rxjs'"],
    ['retry', "import { map, retry as again } from 'rxjs'"],
    ['shareReplay', "import { shareReplay } from 'rxjs'"],
    ['groupBy', "import { groupBy } from 'rxjs'"],
    ['from', "import { from } from 'rxjs'"],
    ['combineLatest', "import { combineLatest } from 'rxjs'"],
    ['switchMap', "import { switchMap } from 'rxjs'"],
    ['timer', "import { timer } from 'rxjs'"],
    ['exhaustMap', "import { exhaustMap } from 'rxjs'"],
    ['all of rxjs', "import * as rx from 'rxjs'"],
    ['rxjs/webSocket', "import { webSocket } from 'rxjs/webSocket'"],
    ['ReplaySubject without a bound', "import { ReplaySubject } from 'rxjs'\nnew ReplaySubject<void>()"],
  ])('would not get %s in', (name, code) => {
    expect(complaintsOf('src/any.ts', code)).toEqual([`src/any.ts: ${name}`])
  })
})
