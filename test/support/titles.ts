import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from './project.js'

/** A title of a test or a suite, and what stands below it. */
export interface Titled {
  readonly path: string
  readonly title: string
  /** The code of the test, or of the suite. */
  readonly code: string
}

/** Every title in test/, in calls like `it(title, …)` and `describe.each(…)(title, …)`. Templates count as they are written. */
export function titles(): Titled[] {
  return testFiles().flatMap(path => {
    const source = ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest)
    const found: Titled[] = []
    const visit = (node: ts.Node): void => {
      const [title, ...rest] = ts.isCallExpression(node) && isTest(node.expression, source) ? node.arguments : []
      if (title && rest.length > 0 && isText(title))
        found.push({
          path,
          title: title.getText(source).slice(1, -1),
          code: rest.map(arg => arg.getText(source)).join(),
        })
      ts.forEachChild(node, visit)
    }
    visit(source)
    return found
  })
}

/** What is titled with an id, by the id: those before the first colon, as in "M3, N07 (and why): …". */
export function titlesById(id: RegExp): Map<string, Titled[]> {
  const found = new Map<string, Titled[]>()
  for (const titled of titles())
    for (const [name] of (/^[^:]*(?=:)/.exec(titled.title)?.[0] ?? '').matchAll(id))
      found.set(name, [...(found.get(name) ?? []), titled])
  return found
}

function isTest(callee: ts.Expression, source: ts.SourceFile): boolean {
  return /^(it|describe)\b/.test(callee.getText(source))
}

function isText(node: ts.Expression): boolean {
  return ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node)
}

function testFiles(): string[] {
  const names = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  return names.filter(name => /\.test\.ts$/.test(name)).map(name => join('test', name))
}
