import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

import { faults } from './faults.ts'
import type { Run } from './run.ts'

const longestLine = 64 * 1024
const mostBytes = 4 * 1024 * 1024
/** How long the answer to a goodbye is waited for, in milliseconds. */
const patience = 500

/** A dialogue in lines (SMTP, IMAP, POP3, FTP) or bytes over a socket, bounded in what it keeps. */
export interface LineClient {
  /** Without the line end. @throws connectivity.connectionBroken, answerTooLarge */
  readonly readLine: () => Promise<string>
  readonly readBytes: (count: number) => Promise<Buffer>
  /** Everything until the other side ends the connection. */
  readonly readAll: () => Promise<Buffer>
  readonly send: (content: string | Uint8Array) => void
  /** Ends the dialogue politely: sends the line and waits a moment for an answer, whatever it is. */
  readonly sayGoodbye: (line: string) => Promise<void>
  /** Stops listening, so that the socket can be encrypted. @throws connectivity.starttlsInjected */
  readonly release: () => void
}

export function createLineClient(run: Run, socket: Socket): LineClient {
  let kept = Buffer.alloc(0)
  let total = 0
  let over: unknown
  let ended = false
  let wake = (): void => {}

  const onData = (chunk: Buffer): void => {
    total += chunk.length
    if (total > mostBytes) {
      over ??= faults.answerTooLarge({ server: run.server })
      socket.destroy()
    } else kept = Buffer.concat([kept, chunk])
    wake()
  }
  const end = (error?: unknown): void => {
    over ??= error ?? faults.connectionBroken({ server: run.server, step: 'read' })
    wake()
  }
  const onEnd = (): void => {
    ended ||= over === undefined
    end()
  }
  socket.on('data', onData)
  socket.on('error', end)
  socket.on('end', onEnd)
  socket.on('close', onEnd)

  /** Waits until `take` finds what it looks for in what was kept. */
  async function until<Value>(take: () => Value | undefined): Promise<Value> {
    for (;;) {
      const value = take()
      if (value !== undefined) return value
      if (over !== undefined) throw over
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await promise
    }
  }

  function cut(count: number): Buffer {
    const piece = kept.subarray(0, count)
    kept = kept.subarray(count)
    return piece
  }

  const readLine = (): Promise<string> =>
    until(() => {
      const lineEnd = kept.indexOf(0x0a)
      if (lineEnd < 0 && kept.length > longestLine) throw faults.answerTooLarge({ server: run.server })
      return lineEnd < 0
        ? undefined
        : cut(lineEnd + 1)
            .toString()
            .replace(/\r?\n$/, '')
    })

  return {
    readLine,
    readBytes: (count) => {
      if (count > mostBytes) throw faults.answerTooLarge({ server: run.server })
      return until(() => (kept.length < count ? undefined : cut(count)))
    },
    readAll: () =>
      until(() => {
        if (!ended || total > mostBytes) return undefined
        return cut(kept.length)
      }),
    send: (content) => void socket.write(content),
    async sayGoodbye(line) {
      socket.write(`${line}\r\n`)
      const answered = readLine().catch(() => '')
      await Promise.race([answered, wait(patience, undefined, { ref: false })])
    },
    release() {
      socket.off('data', onData).off('error', end).off('end', onEnd).off('close', onEnd)
      socket.pause()
      if (kept.length > 0) throw faults.starttlsInjected({ server: run.server })
    },
  }
}
