/** What JSON may hold as it is, though a terminal takes it for a command or a reader does not see it. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** The same JSON, on one line, with escapes for what cannot be seen. */
export function printableJson(json: string): string {
  // Such characters stand only inside of strings, where an escape means the same; above 16 bits they take two.
  return json.replace(UNSEEN, character =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
