/** A fix taken out again by a small edit of the source: the tests of its row must notice. */
export interface Mutant {
  /** What survives without the fix, by its id in FAULTS. */
  readonly row: string
  /** Under `test/`: where the tests are whose titles name the row. */
  readonly tests: readonly string[]
  /** Of the project. */
  readonly file: string
  /** What stands there exactly once. */
  readonly text: string
  /** What stands there instead. */
  readonly instead: string
}
