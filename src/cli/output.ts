import { styleText } from 'node:util'

/** The part of a terminal stream that output needs. */
export interface Sink {
  readonly write: (text: string | Uint8Array) => unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Where a command says what came out. People get words, programs get JSON. */
export interface Output {
  readonly json: boolean
  /** Columns a line may have. */
  readonly width: number
  /** The one result of a command. */
  readonly result: (value: unknown, words: string) => void
  /** One of several results that come over time; as JSON one line each. */
  readonly item: (value: unknown, words: string) => void
  /** Bytes as they are; a terminal gets them without control characters. */
  readonly bytes: (content: Uint8Array) => void
  /** A remark for people, on standard error. */
  readonly note: (words: string) => void
  /** Waits for the work, and tells a person at a terminal so once it takes longer than a second. */
  readonly progress: <Result>(words: string, work: Promise<Result>) => Promise<Result>
  /** The text in a colour that fits its meaning; plain where no terminal shows it. */
  readonly tone: (text: string, tone?: 'good' | 'bad' | 'faint') => string
}

export function createOutput(given: {
  readonly out: Sink
  readonly err: Sink
  readonly json: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}): Output {
  const { out, err, json, environment } = given
  const coloured = out.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb' && !json
  return {
    json,
    width: Math.min(out.columns ?? 100, 120),
    result: (value, words) => {
      if (json) out.write(`${JSON.stringify(value, null, 2)}\n`)
      else if (words !== '') out.write(`${harmless(words)}\n`)
    },
    item: (value, words) => {
      out.write(json ? `${JSON.stringify(value)}\n` : `${harmless(words)}\n`)
    },
    bytes: (content) => {
      out.write(out.isTTY === true ? harmless(Buffer.from(content).toString()) : content)
    },
    note: (words) => {
      if (!json) err.write(`${harmless(words)}\n`)
    },
    progress: (words, work) => (err.isTTY === true && !json ? showProgress(err, words, work) : work),
    tone: (text, tone = toneOf(text)) => {
      const style = tone && ({ good: 'green', bad: 'red', faint: 'dim' } as const)[tone]
      return coloured && style ? styleText(style, text, { validateStream: false }) : text
    },
  }
}

/**
 * The text without control characters, so that what a stranger sent (a path, a header, a payload) cannot steer the
 * reader's terminal. Line ends, tabs and plain colours stay.
 */
const control = /\u001b\[\d{1,3}m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g
export const harmless = (text: string): string =>
  text.replaceAll('\r\n', '\n').replaceAll(control, (found) => (found.length > 1 ? found : '\ufffd'))

function toneOf(text: string): 'good' | 'bad' | undefined {
  if (/^(STARTED|COMPLETED|SUCCESS|deployable)$/.test(text)) return 'good'
  return /^(ERROR|FAILED|FAIL|ABANDONED|not deployable)$/.test(text) ? 'bad' : undefined
}

async function showProgress<Result>(err: Sink, words: string, work: Promise<Result>): Promise<Result> {
  let seconds = 0
  const timer = setInterval(() => {
    seconds++
    err.write(`\r\u001b[K${harmless(words)} ... ${seconds} s`)
  }, 1_000)
  try {
    return await work
  } finally {
    clearInterval(timer)
    if (seconds > 0) err.write('\r\u001b[K')
  }
}
