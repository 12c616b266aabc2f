/** Rows of text as aligned lines: the first `labels` columns to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[], labels = 1): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map(row => row[c]!.length)))
  return rows.map(row =>
    row
      .map((cell, c) => (c < labels ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)))
      .join('  ')
      .trimEnd(),
  )
}
