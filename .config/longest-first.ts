import { statSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Folders and files whose tests take long, with what they start or learn; the longest first. */
const LONG = [/cli\/kill/, /quality\//, /examples\//, /cli\/(recovery|replay|overflow)/, /cli\//, /tensor/, /recorder/]

/**
 * Long files come first, so that no processor waits for one in the end; the others by size. A project is done before the next begins:
 * a process that several files share ends when a file of another project is next.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex(pattern => pattern.test(moduleId))
      return place < 0 ? LONG.length : place
    }
    const size = ({ moduleId }: TestSpecification) => statSync(moduleId).size
    const project = (file: TestSpecification) => file.project.name
    return [...files].sort((a, b) => project(a).localeCompare(project(b)) || rank(a) - rank(b) || size(b) - size(a))
  }
}
