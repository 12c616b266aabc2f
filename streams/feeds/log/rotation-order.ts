/** A file beside a log that may be an earlier part of it. */
export interface RotatedFile {
  readonly name: string
  /** When it was last written to, in seconds since 1970, as the file system believes. */
  readonly time: number
}

/** Numbers in names count as numbers: log.9 comes before log.10. */
export const NAMES = new Intl.Collator('en', { numeric: true })

const ROTATED = /^(.+?)([.-]\d[\d.:_TZ-]*)(\.gz)?$/
const NUMBER = /^[.-](\d{1,5})(\.gz)?$/
const DATE = /^[.-]\d[\d.:_TZ-]{5,}(\.gz)?$/

/** What a file was called before it was rotated: of log.1, log.2.gz and log-20261123, log. @returns undefined for other names. */
export function nameBeforeRotation(name: string): string | undefined {
  return ROTATED.exec(name)?.[1]
}

/**
 * Files that a log was rotated into, the oldest first. Dates in their names tell the order, of numbers also whether they go up or, as
 * logrotate has it, down; times of the file system, which are wrong where a clock was set back, only what no name tells.
 * @param log What the log is called.
 * @param now Seconds since 1970: a file that was written to later says nothing of the order.
 */
export function inOrderOfRotation<T extends RotatedFile>(log: string, files: readonly T[], now: number): T[] {
  const suffix = ({ name }: T) => name.slice(log.length)
  const numbered = files.filter(file => NUMBER.test(suffix(file)))
  const dated = files.filter(file => !NUMBER.test(suffix(file)) && DATE.test(suffix(file)))
  const others = files.filter(file => !numbered.includes(file) && !dated.includes(file))
  const byName = (a: T, b: T) => NAMES.compare(suffix(a), suffix(b))
  const up = numbered.toSorted(byName)
  const newest = (of: readonly T[]) => Math.max(...of.map(({ time }) => time))
  const byTime = (a: T, b: T) => a.time - b.time || NAMES.compare(b.name, a.name)
  const groups = [others.toSorted(byTime), goesUp(up, now) ? up : up.toReversed(), dated.toSorted(byName)]
  // Who has changed from numbers to dates, or back, has older and newer ones.
  return groups
    .filter(group => group.length > 0)
    .sort((a, b) => newest(a) - newest(b))
    .flat()
}

/** Is a higher number newer? By most of the times of neighbours, but for files that were zipped since; in doubt it is not. */
function goesUp(files: readonly RotatedFile[], now: number): boolean {
  const times = files.filter(({ name, time }) => time <= now && !name.endsWith('.gz')).map(({ time }) => time)
  let votes = 0
  for (let i = 1; i < times.length; i++) votes += Math.sign(times[i]! - times[i - 1]!)
  return votes > 0
}
