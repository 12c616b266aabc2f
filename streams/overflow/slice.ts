/** Milliseconds of work in one turn of the event loop, after which sockets, timers and signals get theirs. */
export const SLICE = 4
