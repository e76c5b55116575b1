import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Log, silentLog, systemClock } from '../../src/base/index.ts'
import { type Database, type DatabasePlace, openDatabase, openTenantStores } from '../../src/database/index.ts'
import {
  createIngest,
  createJournal,
  type Ingest,
  type Journal,
  type MessageLogStore,
} from '../../src/monitor/index.ts'
import { type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'
import { ended, idsOf, started } from './messages.ts'

const module = new URL('../../src/database/message-log-opener.ts', import.meta.url)
const everything = { skip: 0, top: 1_000_000, orderBy: [] }

let folder = ''
let journalFolder = ''
let said: string[] = []
let running: (() => Promise<void>)[] = []
const log: Log = { ...silentLog, warn: (words) => said.push(words), error: (words) => said.push(words) }

beforeEach(() => {
  said = []
  running = []
  folder = temporaryFolder('ingest')
  journalFolder = join(folder, 'journal')
  mkdirSync(journalFolder)
})
afterEach(async () => {
  for (const stop of running) await stop()
})

function ingestAt(place: DatabasePlace): Ingest {
  const ingest = createIngest({ folder: journalFolder, node: 'node-1', opener: { module, place }, log })
  running.push(ingest.stop)
  return ingest
}

function journalFor(ingest: Ingest | undefined, segmentBytes = 1_000_000): Journal {
  const written = () => ingest?.wake()
  const journal = createJournal({ folder: journalFolder, segmentBytes, clock: systemClock, log, written })
  running.push(journal.close)
  return journal
}

async function withStore<Result>(
  place: DatabasePlace,
  work: (store: MessageLogStore) => Promise<Result>,
): Promise<Result> {
  const database: Database = await openDatabase(place)
  try {
    return await work(openTenantStores(database).messages)
  } finally {
    await database.close()
  }
}

const segments = (): string[] => readdirSync(journalFolder).filter((file) => /^\d+\.jsonl$/.test(file))

describe('the message log on SQLite', () => {
  const place = (): DatabasePlace => ({ url: undefined, folder, schema: 'default' })

  it('holds what was appended soon after, without being asked', async () => {
    const ingest = ingestAt(place())
    await ingest.start()
    const journal = journalFor(ingest)
    await withStore(place(), async (store) => {
      for (let round = 1; round <= 3; round++) {
        journal.append(ended(`m${round}`))
        const deadline = Date.now() + 5_000
        while ((await store.count(undefined)) < round && Date.now() < deadline) await sleep(10)
        assert.equal(await store.count(undefined), round)
      }
    })
    await ingest.stop()
    assert.deepEqual(said, [])
  })

  it('is drained on demand, and consumed segments are deleted', async () => {
    const ingest = ingestAt(place())
    await ingest.start()
    const journal = journalFor(ingest, 2_000)
    for (let n = 0; n < 50; n++) {
      journal.append(ended(`m${n}`))
      await journal.flushed()
    }
    assert.ok(segments().length > 1)
    assert.equal(await ingest.drain(10_000), true)
    assert.equal(await withStore(place(), (store) => store.count(undefined)), 50)
    assert.equal(segments().length, 1)
  })

  it('takes over what an earlier process left, and abandons what it did not finish', async () => {
    const earlier = journalFor(undefined)
    for (const event of [started('m1'), started('m2'), ended('m2')]) earlier.append(event)
    await earlier.flushed()
    await earlier.close()
    appendFileSync(join(journalFolder, segments()[0] ?? ''), '{"event":"ended","id":"m1","corr')
    const ingest = ingestAt(place())
    const journal = journalFor(ingest)
    assert.equal(await ingest.start(), 1)
    journal.append(started('m3'))
    await journal.flushed()
    assert.equal(await ingest.drain(10_000), true)
    const statuses = await withStore(place(), (store) => store.list(undefined, everything))
    assert.deepEqual(
      statuses.map(({ id, status }) => `${id} ${status}`),
      ['m1 ABANDONED', 'm2 COMPLETED', 'm3 PROCESSING'],
    )
  })

  it('sets aside what can never be stored, and keeps the rest', async () => {
    const earlier = journalFor(undefined)
    const impossible = { ...ended('bad'), start: null } as never
    for (const event of [ended('m1'), ended('m2'), impossible, ended('m3')]) earlier.append(event)
    await earlier.close()
    appendFileSync(join(journalFolder, segments()[0] ?? ''), 'no json\n')
    const ingest = ingestAt(place())
    await ingest.start()
    await ingest.stop()
    assert.deepEqual(idsOf(await withStore(place(), (store) => store.list(undefined, everything))), ['m1', 'm2', 'm3'])
    const rejected = readFileSync(join(journalFolder, 'rejected.jsonl'), 'utf8').trim().split('\n')
    assert.deepEqual([rejected.length, rejected[0], /"id":"bad"/.test(rejected[1] ?? '')], [2, 'no json', true])
  })

  it('lets the other threads go first', {
    skip: process.platform !== 'linux' && 'threads have no priority',
  }, async () => {
    const ingest = ingestAt(place())
    await ingest.start()
    const priorities = readdirSync('/proc/self/task').map((id) => getPriority(Number(id)))
    assert.deepEqual(
      priorities.filter((priority) => priority !== getPriority()),
      [getPriority() + 10],
    )
  })

  it('says why the database cannot be opened', async () => {
    const ingest = ingestAt({ url: undefined, folder, schema: '../x' })
    await assert.rejects(ingest.start(), { code: 'database.tenantInvalid', kind: 'invalid' })
    await ingest.stop()
  })

  it('takes an event of the largest size', { timeout: 60_000 }, async () => {
    const ingest = ingestAt(place())
    await ingest.start()
    const journal = journalFor(ingest)
    const attachment = { id: 'a1', name: 'n', contentType: 't', size: 1, sealed: 'x'.repeat(31 * 1024 * 1024) }
    journal.append(ended('m1', { attachments: [attachment] }))
    await journal.flushed()
    assert.equal(await ingest.drain(30_000), true)
    const kept = await withStore(place(), (store) => store.attachment('a1'))
    assert.equal(kept?.sealed.length, attachment.sealed.length)
    assert.deepEqual(said, [])
  })

  it('loses nothing that was reported when the process is killed, again and again', { timeout: 120_000 }, async () => {
    const reported: string[] = []
    for (let round = 0; round < 5; round++) {
      const program = new URL('./tenant-process.ts', import.meta.url).pathname
      const child = spawn(process.execPath, [program, JSON.stringify(place()), String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exited = once(child, 'exit')
      const output = text(child.stdout)
      await Promise.race([once(child.stdout, 'readable'), exited])
      await sleep(randomInt(5, 400))
      child.kill('SIGKILL')
      const [, signal] = await exited
      assert.equal(signal, 'SIGKILL', 'the process ended by itself')
      reported.push(...(await output).split('\n').slice(0, -1))
    }
    const ingest = ingestAt(place())
    await ingest.start()
    await ingest.stop()
    const found = await withStore(place(), (store) => store.list(undefined, everything))
    const statuses = new Map(found.map(({ id, status }) => [id, status]))
    assert.ok(reported.length > 100, `only ${reported.length} events were reported`)
    const wrong = reported.filter((line) => {
      const [event, id = ''] = line.split(' ')
      return statuses.get(id) !== (event === 'started' ? 'ABANDONED' : 'COMPLETED')
    })
    assert.deepEqual(wrong, [])
  })
})

describe('the message log on PostgreSQL', () => {
  let server: PostgresServer
  before(async () => {
    server = await startPostgres()
  })
  after(() => server?.stop())

  it('waits for a server that is down, when it starts and while it runs', { timeout: 60_000 }, async () => {
    const place: DatabasePlace = { url: server.url, folder, schema: 'default' }
    const earlier = journalFor(undefined)
    earlier.append(started('m0'))
    await earlier.close()
    await server.halt()
    const ingest = ingestAt(place)
    const starting = ingest.start()
    await sleep(300)
    await server.resume()
    assert.equal(await starting, 1)
    const journal = journalFor(ingest)
    journal.append(ended('m1'))
    assert.equal(await ingest.drain(10_000), true)
    await server.halt()
    journal.append(ended('m2'))
    await journal.flushed()
    assert.equal(await ingest.drain(300), false)
    await server.resume()
    journal.append(ended('m3'))
    await journal.flushed()
    assert.equal(await ingest.drain(20_000), true)
    const found = await withStore(place, (store) => store.list(undefined, everything))
    assert.deepEqual(idsOf(found), ['m0', 'm1', 'm2', 'm3'])
    assert.ok(said.some((words) => words.includes('trying again')))
  })
})
