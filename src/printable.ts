/**
 * Characters that do something to a terminal or a reader instead of being seen: control characters of both sets, marks of
 * writing direction, invisible format characters, ends of lines, lone halves of characters.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A text that others have written, so that people may look at it: what cannot be seen is written out, as "\u{1b}". */
export function printable(text: string): string {
  return text.replace(UNSEEN, character => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}
