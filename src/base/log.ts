/** The log of a process: one JSON object a line. Never hand it a secret; `fields` are written as they are. */
export interface Log {
  readonly debug: (words: string, fields?: object) => void
  readonly info: (words: string, fields?: object) => void
  readonly warn: (words: string, fields?: object) => void
  readonly error: (words: string, fields?: object) => void
}

/** For tests and for code that runs before a log exists. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
