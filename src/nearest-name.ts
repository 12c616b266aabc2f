/** The known name that is most like what was written, if any is like it at all. */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  const most = Math.max(2, written.length / 3)
  const ranked = known
    .filter(name => Math.abs(name.length - written.length) <= most)
    .map(name => ({ name, distance: editDistance(written.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= most ? best.name : undefined
}

/** Insertions, deletions and replacements between two words, in one row: floods of wrong names may come. @see Levenshtein 1966. */
function editDistance(a: string, b: string): number {
  const row = new Uint16Array(b.length + 1)
  for (let j = 0; j <= b.length; j++) row[j] = j
  for (let i = 1; i <= a.length; i++) {
    const code = a.charCodeAt(i - 1)
    let diagonal = i - 1
    let left = i
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!
      let least = code === b.charCodeAt(j - 1) ? diagonal : diagonal + 1
      if (above < least) least = above + 1
      if (left < least) least = left + 1
      diagonal = above
      left = least
      row[j] = least
    }
  }
  return row[b.length]!
}
