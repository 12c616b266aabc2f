/** What a callback throws must not end a stream; there is nobody left to tell it to. */
export function quietly(log: (line: string) => void = () => {}): (line: string) => void {
  return line => {
    try {
      log(line)
    } catch {}
  }
}
