/** A row of CSV that is not as RFC 4180 says. */
export class CsvFlaw extends Error {}

/**
 * The cells of one row. Quoted cells may hold separators, line ends and doubled quotes.
 * @throws CsvFlaw with what was expected.
 * @see RFC 4180
 */
export function csvCells(row: string, separator: string): string[] {
  if (!row.includes('"')) return row.split(separator)
  const cells: string[] = []
  let at = 0
  for (;;) {
    const quoted = row[at] === '"'
    const end = quoted ? closingQuote(row, at) + 1 : nextSeparator(row, at, separator)
    const cell = row.slice(at, end)
    if (!quoted && cell.includes('"')) throw new CsvFlaw('quotes around whole cells, and doubled inside of them')
    cells.push(quoted ? cell.slice(1, -1).replaceAll('""', '"') : cell)
    if (end === row.length) return cells
    if (!row.startsWith(separator, end)) throw new CsvFlaw('a separator behind a closing quote')
    at = end + separator.length
  }
}

function nextSeparator(row: string, from: number, separator: string): number {
  const end = row.indexOf(separator, from)
  return end < 0 ? row.length : end
}

function closingQuote(row: string, start: number): number {
  for (let at = row.indexOf('"', start + 1); at >= 0; at = row.indexOf('"', at + 2)) if (row[at + 1] !== '"') return at
  throw new CsvFlaw('a closing quote')
}
