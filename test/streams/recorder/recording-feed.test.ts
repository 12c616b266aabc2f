import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { recordSource } from '../../../streams/recorder/record-source.js'
import { isRecording } from '../../../streams/recorder/recording-feed.js'
import { oscillationMessages } from '../../support/observations.js'
import { runToFile, writeLog } from '../../support/pipelines.js'
import { temporaryDirectory } from '../../support/temporary.js'

async function recorded() {
  const cwd = temporaryDirectory()
  const record = { directory: `${cwd}/recording`, rotate: 2000 }
  await recordSource({ source: { kind: 'log', path: writeLog(oscillationMessages(30)) }, record })
  const files = readdirSync(record.directory).filter(name => name.startsWith('recording-'))
  return { cwd, directory: record.directory, files: files.map(name => `${record.directory}/${name}`) }
}

it('a file of a recording is read alone, and what is before it is said to be missing', async () => {
  const { directory, files } = await recorded()
  expect(files.length).toBeGreaterThan(1)
  const said: string[] = []
  const log = (line: string) => said.push(line)
  const parts = await Promise.all(files.map(path => runToFile({ source: { kind: 'log', path } }, { log })))
  const { estimates } = await runToFile({ source: { kind: 'log', path: directory } })
  expect(parts.flatMap(part => part.estimates.map(({ t }) => t))).toEqual(estimates.map(({ t }) => t))
  const firsts = files.map(path => Number(/\d+(?=\.ndjson)/.exec(path)![0]))
  expect(said.sort()).toEqual(
    files.slice(1).map((path, i) => `${path}: records 1 to ${firsts[i + 1]! - 1} are missing`),
  )
})

it('a log of others is none, nor is a directory of them, whatever their names', async () => {
  const { cwd, directory } = await recorded()
  mkdirSync(`${cwd}/logs`)
  const log = `${cwd}/logs/recording-202611230000.ndjson`
  copyFileSync(writeLog(oscillationMessages(10)), log)
  expect(await isRecording(log)).toBe(false)
  for (const path of [log, `${cwd}/logs`])
    expect((await runToFile({ source: { kind: 'log', path } })).estimates).toHaveLength(10)
  mkdirSync(`${cwd}/empty`)
  for (const path of [`${cwd}/empty`, `${cwd}/nothing`, `${log}/below`, writeLog([])])
    expect(await isRecording(path)).toBe(false)
  expect(await isRecording(directory)).toBe(true)
})

it('says that a recording is not followed', async () => {
  const { directory } = await recorded()
  const said: string[] = []
  const source = { kind: 'log', path: directory, follow: true } as const
  await runToFile({ source }, { log: line => said.push(line) })
  expect(said).toEqual([`${directory} is a recording: it is read to its end, and not followed`])
})
