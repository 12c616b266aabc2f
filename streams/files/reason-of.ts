/** What the system says went wrong, without the call and the path it ends with: "ENOENT: no such file or directory". */
export function reasonOf(error: unknown): string {
  return (error as Error).message.replace(/, \w+ '.*'$/s, '')
}
