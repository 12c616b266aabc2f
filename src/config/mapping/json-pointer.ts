/** The steps of a JSON Pointer. */
export type Pointer = readonly string[]

/**
 * Reads a JSON Pointer, "" for the whole document or "/a/0/b" with ~1 for a slash and ~0 for a tilde.
 * @returns undefined when the text is none.
 * @see RFC 6901
 */
export function parsePointer(text: string): Pointer | undefined {
  if (text === '') return []
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined
  return text
    .slice(1)
    .split('/')
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What a pointer points at; undefined where there is nothing. Sees only what the document itself holds, no inherited names. */
export function valueAt(document: unknown, pointer: Pointer): unknown {
  let value = document
  for (const step of pointer) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    // An array has a length of its own, which is no part of the document.
    if (Array.isArray(value) && step === 'length') return undefined
    value = (value as Readonly<Record<string, unknown>>)[step]
  }
  return value
}
