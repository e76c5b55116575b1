import assert from 'node:assert/strict'
import nodeFs, { appendFileSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { type Clock, silentLog, systemClock } from '../base/index.ts'
import { createJournal, type Journal } from './journal.ts'
import { createJournalReader } from './journal-reader.ts'
import type { MessageStarted } from './records.ts'
import { listSegments, segmentPath } from './segments.ts'

const event = (id: string): MessageStarted => ({
  event: 'started',
  id,
  correlationId: id,
  flowId: 'F',
  flowName: 'Ünïcode 𝄞\n',
  packageId: 'P',
  start: 1,
  level: 'INFO',
  sender: '',
  principal: '',
  node: 'n',
})

let folder = ''
let journal: Journal | undefined
let writes = 0

const open = (given: { segmentBytes?: number; clock?: Clock; written?: () => void } = {}): Journal => {
  journal = createJournal({ folder, segmentBytes: 1_000_000, clock: systemClock, log: silentLog, ...given })
  return journal
}

const readAll = (checkpoint?: { segment: number; offset: number }): string[] => {
  const reader = createJournalReader(folder, checkpoint)
  const ids: string[] = []
  for (let batch = reader.next(); batch; batch = reader.next()) ids.push(...batch.events.map(({ id }) => id))
  return ids
}

type Write = (file: number, content: string | Buffer, from?: number) => number

/** Lets every write to a file put down 11 bytes only while `work` runs. */
async function withShortWrites(then: () => void, work: () => Promise<void>): Promise<void> {
  const { writeSync } = nodeFs
  const short: Write = (file, content, from = 0) => {
    const written = writeSync(file, Buffer.from(content).subarray(from, from + 11))
    then()
    return written
  }
  nodeFs.writeSync = short as typeof writeSync
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    nodeFs.writeSync = writeSync
    syncBuiltinESMExports()
  }
}

const withFullDisk = (work: () => Promise<void>): Promise<void> =>
  withShortWrites(() => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }, work)

beforeEach(() => {
  folder = temporaryFolder('journal')
  writes = 0
})
afterEach(async () => {
  await journal?.close()
  journal = undefined
})

describe('createJournal', () => {
  it('writes all events of a turn at once, before it says so', async () => {
    const journal = open({ written: () => writes++ })
    journal.append(event('m1'))
    journal.append(event('m2'))
    assert.deepEqual(readAll(), [])
    assert.equal(journal.flushed(), journal.flushed(), 'one promise for a turn')
    await journal.flushed()
    assert.deepEqual(readAll(), ['m1', 'm2'])
    assert.equal(writes, 1)
    await journal.flushed()
    assert.equal(writes, 1)
  })

  it('goes on in a new segment when one is full, and after a restart', async () => {
    const journal = open({ segmentBytes: 400 })
    for (const id of ['m1', 'm2', 'm3', 'm4']) {
      journal.append(event(id))
      await journal.flushed()
    }
    await journal.close()
    assert.ok(listSegments(folder).length > 1)
    const next = open()
    next.append(event('m5'))
    await next.flushed()
    assert.deepEqual(readAll(), ['m1', 'm2', 'm3', 'm4', 'm5'])
  })

  it('numbers segments upward even when the clock is behind', async () => {
    writeFileSync(segmentPath(folder, 5_000), '')
    const journal = open({ clock: { now: () => 10, monotonic: () => 10 } })
    journal.append(event('m1'))
    await journal.flushed()
    assert.deepEqual(listSegments(folder), [5_000, 5_001])
  })

  it('belongs to one process', () => {
    open()
    assert.throws(() => createJournal({ folder, segmentBytes: 1, clock: systemClock, log: silentLog }), {
      code: 'monitor.journalInUse',
    })
  })

  it('writes what is left when it is closed, and keeps files private', async () => {
    const journal = open()
    journal.append(event('m1'))
    await journal.close()
    assert.deepEqual(readAll(), ['m1'])
    const [segment = 0] = listSegments(folder)
    assert.equal(nodeFs.statSync(segmentPath(folder, segment)).mode & 0o777, 0o600)
  })

  it('tells the callers when the disk is full, and recovers when it is not', async () => {
    const journal = open()
    journal.append(event('m1'))
    await journal.flushed()
    await withFullDisk(async () => {
      journal.append(event('m2'))
      await assert.rejects(journal.flushed(), { code: 'monitor.journalFull', kind: 'exhausted' })
    })
    journal.append(event('m3'))
    await journal.flushed()
    assert.deepEqual(readAll(), ['m1', 'm3'])
  })

  it('writes the rest of what the system took a part of', async () => {
    const journal = open()
    await withShortWrites(
      () => undefined,
      async () => {
        journal.append(event('größe'))
        journal.append(event('m2'))
        await journal.flushed()
      },
    )
    assert.deepEqual(readAll(), ['größe', 'm2'])
  })

  it('refuses an event that is too large and goes on', async () => {
    const journal = open()
    const large = { ...event('m1'), flowName: 'x'.repeat(33 * 1024 * 1024) }
    assert.throws(() => journal.append(large), { code: 'monitor.eventTooLarge' })
    journal.append(event('m2'))
    await journal.flushed()
    assert.deepEqual(readAll(), ['m2'])
  })
})

describe('createJournalReader', () => {
  const line = (id: string) => `${JSON.stringify(event(id))}\n`

  it('waits for the rest of a line that is half-written', () => {
    const whole = line('m2')
    writeFileSync(segmentPath(folder, 1), line('m1') + whole.slice(0, 20))
    const reader = createJournalReader(folder, undefined)
    assert.deepEqual(
      reader.next()?.events.map(({ id }) => id),
      ['m1'],
    )
    assert.equal(reader.next(), undefined)
    appendFileSync(segmentPath(folder, 1), whole.slice(20))
    assert.deepEqual(reader.next()?.events, [event('m2')])
  })

  it('drops a half-written line at the end of a segment that has a successor', () => {
    writeFileSync(segmentPath(folder, 1), line('m1') + line('m2').slice(0, 20))
    writeFileSync(segmentPath(folder, 2), line('m3'))
    assert.deepEqual(readAll(), ['m1', 'm3'])
  })

  it('reads a line that is longer than its buffer', () => {
    const long = { ...event('m1'), flowName: 'é'.repeat(3_000_000) }
    writeFileSync(segmentPath(folder, 1), `${JSON.stringify(long)}\n${line('m2')}`)
    const reader = createJournalReader(folder, undefined)
    assert.deepEqual(reader.next()?.events[0], long)
    assert.deepEqual(readAll(), ['m1', 'm2'])
  })

  it('goes on at the checkpoint', () => {
    writeFileSync(segmentPath(folder, 1), line('m1') + line('m2'))
    writeFileSync(segmentPath(folder, 2), line('m3'))
    assert.deepEqual(readAll({ segment: 1, offset: Buffer.byteLength(line('m1')) }), ['m2', 'm3'])
    assert.deepEqual(readAll({ segment: 2, offset: Buffer.byteLength(line('m3')) }), [])
  })

  it('reads everything of a journal that is not the one of the checkpoint', () => {
    writeFileSync(segmentPath(folder, 1), line('m1'))
    writeFileSync(segmentPath(folder, 3), line('m3'))
    assert.deepEqual(readAll({ segment: 2, offset: 10 }), ['m1', 'm3'])
  })

  it('hands out lines that are no JSON', () => {
    writeFileSync(segmentPath(folder, 1), `{broken\n${line('m1')}`)
    const batch = createJournalReader(folder, undefined).next()
    assert.deepEqual([batch?.broken, batch?.events.length], [['{broken'], 1])
  })
})
