import { randomBytes } from 'node:crypto'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'

import { wordsOf } from '../base/index.ts'
import { Body, type SpooledFile } from '../message/index.ts'
import { faults } from './faults.ts'
import { type Refused, refused } from './refusals.ts'
import { unwatch, type Watched, watch } from './stall-watch.ts'

/** Where large bodies wait while their message runs. */
export interface Spool {
  readonly newPath: () => string
}

const spooled = /^inbound-[0-9a-f]{32}$/

/**
 * Makes the folder and removes what a killed process left in it.
 * @throws inbound.spoolUnusable
 */
export async function openSpool(folder: string): Promise<Spool> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const name of await readdir(folder)) if (spooled.test(name)) await rm(join(folder, name), { force: true })
  } catch (cause) {
    throw faults.spoolUnusable({ folder, why: wordsOf(cause) }, { cause })
  }
  return { newPath: () => join(folder, `inbound-${randomBytes(16).toString('hex')}`) }
}

export interface Received {
  readonly body: Body
  /** To be deleted when the message has ended. */
  readonly file: SpooledFile | undefined
}

/** How a body is to be read. */
export interface Reading extends BodyLimits {
  readonly spool: Spool
  readonly charset: string | undefined
}

export interface Receiving extends Reading {
  /** Called with what has come so far. */
  readonly measure: (received: number) => Refused | undefined
  /** Called once. */
  readonly done: (outcome: Received | { readonly refused: Refused }) => void
}

/** Bounds on a body while it is read. */
export interface BodyLimits {
  /** Bytes up to which a body stays in memory; larger ones go to the spool. */
  readonly memory: number
  /** Milliseconds without a byte after which a body is given up; the original's web server allows 20 s. */
  readonly idle: number
}

export const defaultBodyLimits: BodyLimits = { memory: 1024 * 1024, idle: 20_000 }

/** Reads a body: into memory, or into a file when it is large. What is refused or broken off leaves no file. */
export function receive(request: IncomingMessage, given: Receiving): void {
  const { spool, memory, idle, measure } = given
  let chunks: Buffer[] = []
  let size = 0
  let writer: WriteStream | undefined
  let ended = false
  const watched: Watched = {
    last: performance.now(),
    idle,
    stalled: () => refuse(refused('transfer.stalled', { seconds: idle / 1000, received: size })),
  }
  watch(watched)

  function end(outcome: Received | { readonly refused: Refused }): void {
    if (ended) return
    ended = true
    unwatch(watched)
    given.done(outcome)
  }

  function refuse(why: Refused): void {
    if (ended) return
    discard()
    end({ refused: why })
  }

  function discard(): void {
    chunks = []
    if (writer === undefined) return
    const { path } = writer
    writer.once('close', () => void rm(path, { force: true }).catch(() => undefined))
    writer.destroy()
  }

  function startSpooling(): WriteStream {
    const file = createWriteStream(spool.newPath(), { flags: 'wx', mode: 0o600 })
    file.on('error', (cause) => refuse(refused('transfer.notStored', { why: wordsOf(cause) })))
    file.on('drain', () => request.resume())
    for (const chunk of chunks) file.write(chunk)
    chunks = []
    return file
  }

  request.on('data', (chunk: Buffer) => {
    if (ended) return
    size += chunk.length
    watched.last = performance.now()
    const refusal = measure(size)
    if (refusal !== undefined) return refuse(refusal)
    if (writer === undefined && size > memory) writer = startSpooling()
    if (writer === undefined) chunks.push(chunk)
    else if (!writer.write(chunk)) request.pause()
  })
  request.on('end', () => {
    if (ended) return
    if (writer === undefined) {
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)
      return end({ body: Body.ofBytes(bytes, given.charset), file: undefined })
    }
    unwatch(watched)
    const path = String(writer.path)
    writer.end(() => end({ body: Body.ofFile({ path, size }, given.charset), file: { path, size } }))
  })
  const broken = () => {
    if (!request.complete) refuse(refused('transfer.aborted', { received: size }))
  }
  request.on('error', broken)
  request.on('close', broken)
}

/** The character set of a Content-Type; undefined when it names none. */
export const charsetOf = (contentType: string): string | undefined =>
  contentType.includes('charset') ? /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] : undefined
