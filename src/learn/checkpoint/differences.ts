import type { Plain } from './checkpoint.js'

/**
 * How two identities differ, one line a field. A field that only one of them knows counts as equal while the other has its
 * default: a checkpoint that does not know a new option is taken as long as nobody sets it.
 * @param saved, now Of a checkpoint and of the run that shall go on from it; see `learnerIdentity`. @param defaults Of what is left out.
 * @returns E.g. `["window: 8 in the checkpoint, 9 now"]`; empty where the run may go on.
 */
export function differences(saved: Plain, now: Plain, defaults: Plain = {}, path = ''): string[] {
  if (isRecord(saved) && isRecord(now)) {
    const names = [...new Set([...Object.keys(saved), ...Object.keys(now)])].sort()
    return names.flatMap(name => {
      const usual = isRecord(defaults) ? field(defaults, name) : undefined
      const [then, today] = [field(saved, name, usual), field(now, name, usual)]
      const place = path === '' ? name : `${path}.${name}`
      if (then === undefined || today === undefined)
        return [`${place}: ${say(then)} in the checkpoint, ${say(today)} now`]
      return differences(then, today, usual ?? {}, place)
    })
  }
  return JSON.stringify(saved) === JSON.stringify(now)
    ? []
    : [`${path}: ${say(saved)} in the checkpoint, ${say(now)} now`]
}

type PlainRecord = { readonly [name: string]: Plain }

function isRecord(value: Plain): value is PlainRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function field(record: PlainRecord, name: string, otherwise?: Plain): Plain | undefined {
  return Object.hasOwn(record, name) ? record[name] : otherwise
}

function say(value: Plain | undefined): string {
  return value === undefined || value === null ? 'not given' : JSON.stringify(value)
}
