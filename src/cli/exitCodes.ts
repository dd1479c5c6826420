// What the shell learns: 0 is all well.

/** The command could not do its work: bad settings, no service, a file that cannot be read. */
export const EXIT_FAILED = 1;
/** `ingest` did its work, and some rows were rejected. */
export const EXIT_REJECTED = 2;
