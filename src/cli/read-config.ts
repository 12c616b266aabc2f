import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
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

/** A whole text file; "-" is standard input. */
export async function readText(path: string, code: 'CONFIG_UNREADABLE' | 'FILE_UNREADABLE'): Promise<string> {
  try {
    return path === '-' ? await text(process.stdin) : await readFile(path, 'utf8')
  } catch (error) {
    const remedy = path === DEFAULT_CONFIG && {
      remedy: 'Name the pipeline file (-c FILE; check takes its name alone), or write one as the README shows.',
    }
    throw new ContraflowError(code, { received: (error as Error).message, place: path, ...remedy }, { cause: error })
  }
}
