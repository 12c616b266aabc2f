import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { csvSchema } from '../src/config/decoders/csv-decoder.js'
import { ObservationDecoder } from '../src/config/decoders/observation-message.js'
import { parsePipeline } from '../src/config/parse-pipeline.js'
import { websocketSource } from '../src/config/schemas/websocket-source.js'
import { ERRORS } from '../src/errors.js'
import { ROOT } from './support/project.js'
import { publicNames } from './support/public-names.js'

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const tensors = readFileSync(join(ROOT, 'src/tensor/tensor.md'), 'utf8')
const blocks = (language: string, text = readme) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(match => match[1]!)

describe('the table of errors', () => {
  it('says what the code says, no more and no less', () => {
    const cell = (text: string) => text.replaceAll('|', '\\|')
    const expected = Object.entries(ERRORS).map(
      ([code, { expected, remedy }]) => `| ${code} | ${cell(expected)} | ${cell(remedy)} |`,
    )
    const rows = readFileSync(join(ROOT, 'src/errors.md'), 'utf8')
      .split('\n')
      .filter(line => /^\| [A-Z_]+ \|/.test(line))
    expect(rows).toEqual(expected)
  })
})

describe('the README', () => {
  // Inside the project, so that the package finds itself by its name.
  const folder = join(ROOT, 'dist', 'readme')
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(blocks('ts', tensors).map((code, i) => ({ code, i })))(
    'has, about TensorFlow.js, TypeScript that runs (block $i)',
    ({ code, i }) => {
      mkdirSync(folder, { recursive: true })
      const file = join(folder, `block-${i}.mjs`)
      const { outputText } = ts.transpileModule(code, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      })
      writeFileSync(file, outputText)
      const output = execFileSync(process.execPath, [file], { encoding: 'utf8' })
      expect(output.length).toBeGreaterThan(0)
    },
  )

  it('has code that plain JavaScript runs as it is, with the output that it states', () => {
    const stated = [/^1\n2\n$/, /^5\.431609 .*\[ 3\.572\d+, -1\.825\d+ \] .*\[ -4\.408\d+, 1\.514\d+ \]\n$/]
    for (const [i, code] of blocks('ts').entries()) {
      mkdirSync(folder, { recursive: true })
      const file = join(folder, `plain-${i}.mjs`)
      writeFileSync(file, code)
      expect(execFileSync(process.execPath, [file], { encoding: 'utf8' })).toMatch(stated[i]!)
    }
  })

  it('has pipeline files that are right', () => {
    const files = [...blocks('yaml'), ...blocks('yaml', tensors)]
    expect(files.length).toBeGreaterThan(0)
    for (const text of files) expect(() => parsePipeline(text, 'README.md')).not.toThrow()
  })

  it('has observations that can be decoded', () => {
    const lines = blocks('json')[0]!.trim().split('\n')
    for (const line of lines) {
      const decoder = new ObservationDecoder({ channels: ['temperature', 'humidity', 'co2'] })
      expect(decoder.decode(line, () => 'README.md')).toHaveProperty('t')
    }
  })

  it('names only files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(match => match[1]!)
    for (const link of links) expect(() => readFileSync(join(ROOT, link))).not.toThrow()
  })
})

describe('the description of the feeds', () => {
  const text = readFileSync(join(ROOT, 'streams/feeds/feeds.md'), 'utf8')
  const files = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(match => match[1]!)

  it.each(files.map((file, i) => ({ file, i })))('has a pipeline file that is right (block $i)', ({ file }) => {
    expect(() => parsePipeline(file, 'feeds.md')).not.toThrow()
  })

  it('names every field of a WebSocket, of a log and of CSV', () => {
    const log = ['path', 'files', 'follow', 'poll', 'speed', 'format', 'csv', 'map', 'maxLine', 'timeUnit', 'timeCheck']
    for (const field of [...log, ...Object.keys(websocketSource.shape), ...Object.keys(csvSchema.shape)])
      expect(text, field).toMatch(new RegExp(`\\b${field}\\b`))
  })
})

describe('every public name', () => {
  const { names, members } = publicNames()

  it('has a doc comment', () => {
    expect(names.length).toBeGreaterThan(80)
    expect(names.filter(({ documented }) => !documented)).toEqual([])
  })

  it('has doc comments on all of its members', () => {
    expect(members.length).toBeGreaterThan(600)
    expect(members.filter(({ documented }) => !documented).map(({ name }) => name)).toEqual([])
  })
})
