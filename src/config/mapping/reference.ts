import { type Pointer, parsePointer, valueAt } from './json-pointer.js'

/** An item of a message, and what is around it. */
export interface Scope {
  readonly item: unknown
  /** Name or index of the item in what it was taken from. */
  readonly name: string
  /** The item of the rule around. */
  readonly parent: Scope | undefined
}

/** A place in a message, seen from an item. */
export interface Reference {
  /** How many rules further out. */
  readonly up: number
  /** In that item; the name or index of the item itself when it is undefined. */
  readonly pointer: Pointer | undefined
}

/**
 * Reads a reference: a JSON Pointer into the item of a rule, "#" for its name or index; each "^" in front goes to the rule
 * around.
 * @returns undefined when the text is none.
 */
export function parseReference(text: string): Reference | undefined {
  const [, carets = '', rest = ''] = /^(\^*)(.*)$/s.exec(text) ?? []
  if (rest === '#') return { up: carets.length, pointer: undefined }
  const pointer = parsePointer(rest)
  return pointer && { up: carets.length, pointer }
}

/** What a reference refers to; undefined where there is nothing. */
export function resolve({ up, pointer }: Reference, scope: Scope): unknown {
  let at: Scope | undefined = scope
  for (let i = 0; i < up; i++) at = at?.parent
  if (at === undefined) return undefined
  return pointer === undefined ? at.name : valueAt(at.item, pointer)
}

/** The same place in the items around, when nothing stands in that of the reference: written as a reference, "^/t". */
export function furtherOut(reference: Reference, text: string, scope: Scope): string | undefined {
  if (resolve(reference, scope) !== undefined) return undefined
  for (let up = reference.up + 1; up <= depth(scope); up++)
    if (resolve({ ...reference, up }, scope) !== undefined) return '^'.repeat(up - reference.up) + text
  return undefined
}

function depth({ parent }: Scope): number {
  return parent === undefined ? 0 : depth(parent) + 1
}

/** Text with references in braces, as "vessel {^/context}". */
export type Template = readonly (string | { readonly text: string; readonly reference: Reference })[]

/** @returns undefined when a reference is none, or a brace is not closed. */
export function parseTemplate(text: string): Template | undefined {
  const parts = text.split(/(\{[^{}]*\})/).filter(part => part !== '')
  const template = parts.map(part => {
    if (!/^\{.*\}$/s.test(part)) return /[{}]/.test(part) ? undefined : part
    const reference = parseReference(part.slice(1, -1))
    return reference && { text: part.slice(1, -1), reference }
  })
  return template.includes(undefined) ? undefined : (template as Template)
}

/** How far up the references of a template go. */
export function reach(template: Template): number {
  return Math.max(0, ...template.map(part => (typeof part === 'string' ? 0 : part.reference.up)))
}
