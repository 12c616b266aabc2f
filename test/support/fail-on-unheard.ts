import { afterAll, afterEach, expect } from 'vitest'
import { takeUnheard } from './unheard.js'

// Of every test file: no value and no error may come to nobody (X19). What comes between tests is seen after the last one.
const nothingUnheard = async () => expect(await takeUnheard()).toEqual([])
afterEach(nothingUnheard)
afterAll(nothingUnheard)
