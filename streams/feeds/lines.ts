import { StringDecoder } from 'node:string_decoder'

/** Longest line that is read; a longer one is cut there and will not parse. */
const LONGEST_LINE = 1 << 20

/**
 * The lines of a byte stream, a batch a chunk: LF or CRLF, a byte order mark at the start is left out, the last line counts
 * without its end too. Holds at most one line.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let first = true
  for await (const chunk of chunks) {
    let text = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    if (first && text.length > 0) {
      text = text.replace(/^\uFEFF/, '')
      first = false
    }
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    if (rest.length > LONGEST_LINE) rest = rest.slice(0, LONGEST_LINE)
    yield lines.map(withoutReturn)
  }
  rest += decoder.end()
  if (rest.length > 0) yield [withoutReturn(rest)]
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
