/** Nanoseconds of a clock that all threads and processes of the machine share. */
export function nanoseconds(): number {
  return Number(process.hrtime.bigint())
}
