import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './project.js'

/** The faults that a stream, its storage and its learner must survive, by the id that test titles carry. */
export const FAULTS: Readonly<Record<string, string>> = {
  F01: 'disconnect (FIN, RST, 1006, 1012)',
  F02: 'half-open TCP',
  F03: 'feed connects, never upgrades',
  F04: 'slow feed / idle sensor',
  F05: 'burst 100x',
  F06: 'duplicate',
  F07: 'reordering within lateness L',
  F08: 'later than L',
  F10: 'source clock jumps back 1 h',
  F11: 'one timestamp far in the future',
  F12: 'wrong unit (s/ms/us/ns)',
  F13: 'zero gap, same sensor',
  F14: 'negative gap reaching the solver',
  F15: 'simultaneous observations, 2 sensors',
  F16: 'very long gap',
  F17: 'float32 time',
  F18: 'NTP step of local clock',
  F20: 'NaN / Infinity / 1e308 values',
  F21: 'missing channels',
  F22: 'schema drift (new/renamed/type change)',
  F23: 'malformed JSON / text garbage',
  F24: 'binary frame when text expected',
  F25: 'giant frame',
  F26: 'deep nesting',
  F27: 'prototype pollution',
  F28: 'permessage-deflate bomb',
  F29: 'million tiny fragments / chunks',
  F30: 'ping flood',
  F31: 'slow subscriber',
  F32: 'thousands of subscribers',
  F33: 'connection flood',
  F34: 'cross-site hijacking',
  F35: 'missing/expired/wrong auth',
  F36: 'path traversal',
  F37: 'slowloris',
  F40: 'log truncated mid-line',
  F41: 'CRLF, BOM',
  F42: 'corrupt gzip',
  F43: 'disk full',
  F44: 'torn checkpoint (kill -9 / power)',
  F45: 'checkpoint of other format version',
  F46: 'other model shape / solver / unit config',
  F47: 'bit rot',
  F50: 'OOM',
  F51: 'event-loop stall (long solve)',
  F52: 'SIGTERM during an update',
  F53: 'kill -9 at any point',
  F54: 'throw in user callback / unhandled rejection',
  F55: 'tfjs tensor leak',
  F60: 'stiffness / step collapse',
  F61: 'loss spike',
  F62: 'exploding parameters',
  F63: 'NaN gradient',
  F64: 'observation within 1 ulp..1e-12 of a step/segment edge',
  F65: 'backsolve reconstructs y wrongly',
  F71: 'two runs own a state',
}

/** The pitfalls of RxJS in pipelines that run for months, by the id that test titles carry. */
export const PITFALLS: Readonly<Record<string, string>> = {
  X1: 'no back-pressure: unbounded buffers',
  X2: 'a timer for every value',
  X3: 'one bad partition ends all',
  X4: 'a throw in the last subscriber',
  X5: 'retries that are counted over a lifetime',
  X6: 'synchronous retries overflow the stack',
  X7: 'a retry that completes the stream',
  X8: 'a shared source that is made again',
  X9: 'a replayed source that is never let go',
  X10: 'groups that are never forgotten',
  X11: 'groups that wait emit to nobody',
  X12: 're-entrancy reverses the order',
  X13: 'a synchronous loop overflows the stack',
  X14: 'asynchronous iterables pulled eagerly',
  X15: 'promises go on after unsubscribing',
  X16: 'takeUntil before what flattens',
  X17: 'inconsistent pairs of a diamond',
  X18: 'updates cancelled, observations dropped',
  X19: 'notifications after the end vanish',
  X20: 'order of teardown',
  X21: 'unbounded replay and send queues',
  X22: 'timers of the wall clock',
  X23: 'a source that emits while it is subscribed to',
  X24: 'a hot feed subscribed to late',
}

/** A title that has ids before its first colon: "F07: …", "M3, S30, F31: …", in a call or in a table of cases. */
const TITLE = /[([]\s*(['"`])([^'"`:\n]*?\b(?:[FS]\d\d|X\d\d?)\b[^'"`:\n]*):/g

/** Which files have a test title that begins with the id. @param letter F of the faults, S of the security checklist, X of the pitfalls of RxJS. */
export function testsById(letter: 'F' | 'S' | 'X'): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const ids = new RegExp(`\\b${letter}\\d\\d?\\b`, 'g')
  for (const path of testFiles())
    for (const [, , prefix] of readFileSync(join(ROOT, path), 'utf8').matchAll(TITLE))
      for (const [id] of prefix!.matchAll(ids)) found.set(id, [...new Set([...(found.get(id) ?? []), path])])
  return found
}

/** All titles of tests, as they stand in the files. */
export function testTitles(): Set<string> {
  const titles = testFiles().flatMap(path => [
    ...readFileSync(join(ROOT, path), 'utf8').matchAll(/[([]\s*(['"`])((?:(?!\1|\n)[^\\]|\\.)+)\1/g),
  ])
  return new Set(titles.map(([, , title]) => title!.replace(/\\(.)/g, '$1')))
}

function testFiles(): string[] {
  const names = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  // What every operator owes is tested where it is called.
  return names.filter(name => /\.(test|soak)\.ts$|\boperator-contract\.ts$/.test(name)).map(name => join('test', name))
}
