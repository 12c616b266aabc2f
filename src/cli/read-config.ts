import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import type { PipelineConfig } from '../config/pipeline.js'
import { ContraflowError } from '../errors.js'

/** The pipeline file of commands that are not given one. */
export const DEFAULT_CONFIG = 'contraflow.yaml'

/** A pipeline file from disk. @throws ContraflowError CONFIG_UNREADABLE or CONFIG_INVALID. */
export async function readConfig(path: string): Promise<PipelineConfig> {
  const content = await readText(path, 'CONFIG_UNREADABLE')
  // With it comes a parser of YAML, which a start without a pipeline file need not wait for.
  const { parsePipeline } = await import('../config/parse-pipeline.js')
  return parsePipeline(content, path)
}

/** A whole text file in UTF-8, without its mark; "-" is standard input. @throws ContraflowError of this code. */
export async function readText(path: string, code: 'CONFIG_UNREADABLE' | 'FILE_UNREADABLE'): Promise<string> {
  let bytes: Buffer
  try {
    bytes = path === '-' ? await buffer(process.stdin) : await readFile(path)
  } catch (error) {
    const remedy = path === DEFAULT_CONFIG && {
      remedy: 'Name the pipeline file (-c FILE; check takes its name alone), or write one as the README shows.',
    }
    throw new ContraflowError(code, { received: (error as Error).message, place: path, ...remedy }, { cause: error })
  }
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes)
  const marked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  throw new ContraflowError(code, {
    received: marked ? 'text in UTF-16' : 'bytes that are no text in UTF-8',
    expected: 'text in UTF-8',
    place: path,
    remedy: 'Save it as UTF-8; "file PATH" says what it is.',
  })
}
