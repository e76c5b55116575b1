import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, it, type TestContext } from 'node:test'
import { type Audit, type AuditStore, createAudit, type Seal, type StoredAuditEvent } from '../../src/audit/index.ts'
import { systemClock } from '../../src/base/index.ts'
import { type Database, openDatabase, openTenantStores } from '../../src/database/index.ts'
import type { Backend } from './backends.ts'

/** An event, as a test wants it. */
export const auditEvent = (seq: number, given: Partial<StoredAuditEvent> = {}): StoredAuditEvent => ({
  seq,
  time: seq * 1_000,
  user: 'ann',
  source: '10.0.0.1',
  via: 'api',
  action: 'Create',
  objectType: 'Credential',
  objectId: `c${seq}`,
  times: 1,
  details: '{}',
  keyId: 'k',
  previousHash: `h${seq - 1}`,
  hash: `h${seq}`,
  ...given,
})

const seal = (name: Seal['name'], seq: number, mac = `m${seq}`): Seal => ({
  name,
  seq,
  hash: `h${seq}`,
  keyId: 'k',
  mac,
})

const key = Buffer.alloc(32, 7)
const seqs = (events: readonly { readonly seq: number }[]): readonly number[] => events.map(({ seq }) => seq)
const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1)

/** What every store of the audit log must do. */
export function auditContract(backend: () => Backend): void {
  /** The log of one tenant, opened several times, as several processes would. */
  async function open(test: TestContext, count: number): Promise<readonly Database[]> {
    const place = backend().place()
    const databases = await Promise.all(Array.from({ length: count }, () => openDatabase(place)))
    test.after(() => Promise.all(databases.map((database) => database.close())))
    return databases
  }

  async function openOne(test: TestContext): Promise<AuditStore> {
    const [database] = await open(test, 1)
    assert.ok(database)
    return openTenantStores(database).audit
  }

  const auditOf = (database: Database): Audit =>
    createAudit({ store: openTenantStores(database).audit, keys: [key], clock: systemClock })

  async function filled(test: TestContext, events: readonly StoredAuditEvent[]): Promise<AuditStore> {
    const store = await openOne(test)
    await store.append(() => ({ events, head: seal('head', events.at(-1)?.seq ?? 0) }))
    return store
  }

  describe('AuditStore', () => {
    it('begins without ends', async (test) => {
      const store = await openOne(test)
      const nothing = { head: undefined, anchor: undefined, last: undefined }
      assert.deepEqual(await store.ends(), nothing)
      await store.append((ends) => {
        assert.deepEqual(ends, nothing)
        return { events: [auditEvent(1)], head: seal('head', 1) }
      })
      assert.deepEqual(await store.ends(), {
        head: seal('head', 1),
        anchor: undefined,
        last: { seq: 1, hash: 'h1' },
      })
      await store.append((ends) => {
        assert.deepEqual(ends.last, { seq: 1, hash: 'h1' })
        assert.deepEqual(ends.head, seal('head', 1))
        return { events: [auditEvent(2), auditEvent(3)], head: seal('head', 3) }
      })
      assert.deepEqual((await store.ends()).last, { seq: 3, hash: 'h3' })
    })

    it('keeps events whole, and pages both ways', async (test) => {
      const details = JSON.stringify({ attributes: { text: `\0 \ud800 𝄞 é e\u0301 "q" \\ ${'x'.repeat(10_000)}` } })
      const events = upTo(100).map((seq) => auditEvent(seq, { details, user: 'Zoë 𝄞', objectId: `%_'"${seq}` }))
      const store = await filled(test, events)
      assert.deepEqual(await store.list({}, { order: 'oldest', top: 1_000 }), events)
      assert.deepEqual(await store.list({}, { order: 'newest', top: 3 }), events.slice(-3).toReversed())
      assert.deepEqual(seqs(await store.list({}, { order: 'newest', top: 2, skip: 3 })), [97, 96])
      assert.deepEqual(seqs(await store.list({}, { order: 'oldest', top: 2, beyond: 50 })), [51, 52])
      assert.deepEqual(seqs(await store.list({}, { order: 'newest', top: 2, beyond: 50 })), [49, 48])
      assert.deepEqual(seqs(await store.list({}, { order: 'oldest', top: 1, beyond: Number.MIN_SAFE_INTEGER })), [1])
    })

    it('lists and counts what fits every part of a filter', async (test) => {
      const store = await filled(test, [
        auditEvent(1),
        auditEvent(2, { user: 'Ann' }),
        auditEvent(3, { action: 'Delete', via: 'cli' }),
        auditEvent(4, { objectType: 'Role' }),
        auditEvent(5, { objectId: 'c1' }),
      ])
      const cases = [
        [{}, [1, 2, 3, 4, 5]],
        [{ since: 2_000, until: 4_000 }, [2, 3]],
        [{ user: 'ann' }, [1, 3, 4, 5]],
        [{ action: 'Delete' }, [3]],
        [{ via: 'cli' }, [3]],
        [{ objectType: 'Role' }, [4]],
        [{ objectType: 'Credential', objectId: 'c1' }, [1, 5]],
        [{ objectId: 'c1', since: 2_000 }, [5]],
        [{ objectId: "' or '1'='1" }, []],
      ] as const
      for (const [filter, expected] of cases) {
        assert.deepEqual(seqs(await store.list(filter, { order: 'oldest', top: 10 })), expected)
        assert.equal(await store.count(filter), expected.length)
      }
    })

    it('appends all or nothing', async (test) => {
      const store = await filled(test, [auditEvent(1)])
      const link = () => ({ events: [auditEvent(2), auditEvent(1)], head: seal('head', 2) })
      await assert.rejects(store.append(link), { code: 'database.duplicate' })
      const failing = () => {
        throw new Error('mine')
      }
      await assert.rejects(store.append(failing), /mine/)
      assert.deepEqual(await store.ends(), { head: seal('head', 1), anchor: undefined, last: { seq: 1, hash: 'h1' } })
    })

    it('cuts the oldest and keeps the anchor, unless somebody else did', async (test) => {
      const store = await filled(
        test,
        upTo(10).map((seq) => auditEvent(seq)),
      )
      assert.equal(await store.firstSince(3_001), 4)
      assert.equal(await store.firstSince(10_001), undefined)
      const [first, second] = [seal('anchor', 4), seal('anchor', 6)]
      assert.equal(await store.cut(undefined, first), 3)
      assert.equal(await store.cut(undefined, second), undefined)
      assert.equal(await store.cut(seal('anchor', 4, 'other'), second), undefined)
      assert.deepEqual(seqs(await store.list({}, { order: 'oldest', top: 20 })), [4, 5, 6, 7, 8, 9, 10])
      assert.equal(await store.cut(first, second), 2)
      assert.deepEqual((await store.ends()).anchor, second)
      assert.equal(await store.cut(second, seal('anchor', 11)), 5)
      assert.deepEqual(await store.ends(), { head: seal('head', 10), anchor: seal('anchor', 11), last: undefined })
    })

    it('one after the other appends, however many do', async (test) => {
      const databases = await open(test, 4)
      const audits = databases.map(auditOf)
      const rounds = 25
      const writing = audits.map(async (audit, writer) => {
        for (let round = 0; round < rounds; round++) {
          await audit.record({ action: 'Change', objectType: 'Role', objectId: `${writer}-${round}` })
        }
      })
      const checking = (async () => {
        for (let round = 0; round < 10; round++) assert.deepEqual((await audits[0]?.verify())?.problems, [])
      })()
      await Promise.all([...writing, checking])
      const events = (await audits[0]?.list({}, { top: 1_000 })) ?? []
      assert.deepEqual(seqs(events).toReversed(), upTo(4 * rounds))
      assert.equal(new Set(events.map(({ objectId }) => objectId)).size, 4 * rounds)
      for (const audit of audits) assert.deepEqual((await audit.verify()).problems, [])
    })

    it('processes write side by side, and nothing is lost', { timeout: 60_000 }, async (test) => {
      const place = backend().place()
      const writers = [1, 2].map((number) =>
        fork(new URL('./audit-process.ts', import.meta.url), [
          JSON.stringify(place),
          String(number),
          key.toString('hex'),
        ]),
      )
      const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0] as number))
      assert.deepEqual(codes, [0, 0])
      const database = await openDatabase(place)
      test.after(() => database.close())
      const audit = auditOf(database)
      const { ok, checked, problems } = await audit.verify()
      assert.deepEqual({ ok, checked, problems }, { ok: true, checked: 2 * 250, problems: [] })
      for (const user of ['1', '2']) assert.equal(await audit.count({ user }), 250)
    })

    it('verifies while others write and retention cuts', { timeout: 60_000 }, async (test) => {
      const [one, two, three] = (await open(test, 3)).map(auditOf)
      assert.ok(one && two && three)
      const record = (audit: Audit) => audit.record({ action: 'Read', objectType: 'Credential', objectId: 'c' })
      for (let count = 0; count < 200; count++)
        one.note({ action: 'Read', objectType: 'Role', objectId: String(count) })
      assert.equal(await one.count({}), 200)
      const work = { cut: 0, done: false }
      async function repeat(step: () => Promise<void>): Promise<void> {
        try {
          while (!work.done) await step()
        } finally {
          work.done = true
        }
      }
      await Promise.all([
        repeat(() => record(one)),
        repeat(async () => {
          work.cut += await two.retain(Date.now() - 5)
          work.done ||= work.cut >= 260
        }),
        repeat(async () => assert.deepEqual((await three.verify()).problems, [])),
      ])
      assert.deepEqual((await three.verify()).problems, [])
    })

    it('finds what is changed in the database', async (test) => {
      const [database] = await open(test, 1)
      assert.ok(database)
      const audit = auditOf(database)
      for (const objectId of ['a', 'b', 'c', 'd']) await audit.record({ action: 'Read', objectType: 'Role', objectId })
      const kinds = async () => (await audit.verify()).problems.map(({ seq, kind }) => [seq, kind])
      assert.deepEqual(await kinds(), [])
      await database.query.updateTable('auditEvent').set({ user: 'bob' }).where('seq', '=', 2).execute()
      assert.deepEqual(await kinds(), [[2, 'edited']])
      await database.query.deleteFrom('auditEvent').where('seq', '=', 2).execute()
      assert.deepEqual(await kinds(), [[2, 'missing']])
      await database.query.deleteFrom('auditEvent').where('seq', '=', 4).execute()
      assert.deepEqual(await kinds(), [
        [2, 'missing'],
        [3, 'end'],
      ])
      await database.query.deleteFrom('auditSeal').execute()
      await audit.record({ action: 'Read', objectType: 'Role', objectId: 'e' })
      assert.deepEqual(await kinds(), [
        [2, 'missing'],
        [4, 'missing'],
        [5, 'break'],
      ])
    })

    it('checks 10,000 events in seconds', { timeout: 60_000 }, async (test) => {
      const [database] = await open(test, 1)
      assert.ok(database)
      const audit = auditOf(database)
      for (let count = 0; count < 9_999; count++) {
        audit.note({
          action: 'Read',
          objectType: 'Credential',
          objectId: String(count),
          attributes: { flow: 'Orders' },
        })
      }
      await audit.stop()
      await audit.record({ action: 'Create', objectType: 'Role', objectId: 'last' })
      const before = performance.now()
      const { ok, checked } = await audit.verify()
      assert.deepEqual({ ok, checked }, { ok: true, checked: 10_000 })
      assert.ok(performance.now() - before < 3_000, `it took ${Math.round(performance.now() - before)} ms`)
    })
  })
}
