/** The code of a failed system call: ENOENT, EEXIST, … */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
