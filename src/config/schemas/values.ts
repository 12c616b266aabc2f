import { z } from 'zod'

/** More than 0. */
export const positive = z.number().positive()
/** A whole number of at least 1. */
export const count = z.number().int().positive()
/** What the system takes for the name of a file or a directory. */
export const path = z
  .string()
  .min(1, 'expected a name, not nothing')
  .refine(name => !name.includes('\0'), 'expected a name without the character 0')
