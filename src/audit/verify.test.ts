import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Fault } from '../base/index.ts'
import { type InMemoryAuditStore, inMemoryAuditStore } from '../../test/kit/audit-store.ts'
import { type Audit, createAudit } from './audit.ts'
import type { StoredAuditEvent } from './ports.ts'

const key = Buffer.alloc(32, 1)
const other = Buffer.alloc(32, 2)
const clock = { time: 0, now: () => clock.time, monotonic: () => clock.time }

const open = (store: InMemoryAuditStore, ...keys: Buffer[]): Audit =>
  createAudit({ store, keys: keys.length > 0 ? keys : [key], clock })

/** Events 1 to `last`, one a second, of which retention left those from `first`. */
async function logOf(last: number, first = 1): Promise<InMemoryAuditStore> {
  const store = inMemoryAuditStore()
  const audit = open(store)
  // Retention records an event of its own, which is the last one then.
  for (let seq = 1; seq <= (first > 1 ? last - 1 : last); seq++) {
    clock.time = seq * 1_000
    await audit.record({ action: 'Change', objectType: 'Role', objectId: `r${seq}`, user: `u${seq % 3}` })
  }
  if (first > 1) assert.equal(await audit.retain(first * 1_000), first - 1)
  assert.deepEqual((await audit.verify()).problems, [])
  return store
}

const copyOf = (store: InMemoryAuditStore): InMemoryAuditStore =>
  Object.assign(inMemoryAuditStore(), { rows: [...store.rows], head: store.head, anchor: store.anchor })

/** What a process that knows nothing of the past finds. */
async function found(store: InMemoryAuditStore): Promise<readonly string[]> {
  const { ok, problems } = await open(store).verify()
  assert.equal(ok, problems.length === 0)
  return problems.map(({ seq, kind }) => `${seq} ${kind}`)
}

const length = 12
const indexes = fc.integer({ min: 0, max: length - 1 })
const fields = [
  'user',
  'source',
  'via',
  'action',
  'objectType',
  'objectId',
  'details',
  'keyId',
  'previousHash',
  'hash',
] as const
const numbers = ['time', 'times', 'seq'] as const

const edit = fc.oneof(
  fc.tuple(indexes, fc.constantFrom(...fields), fc.string()),
  fc.tuple(indexes, fc.constantFrom(...numbers), fc.integer()),
)

const withRow = (store: InMemoryAuditStore, index: number, change: Partial<StoredAuditEvent>): InMemoryAuditStore => {
  const copy = copyOf(store)
  copy.rows = copy.rows.map((row, at) => (at === index ? { ...row, ...change } : row))
  return copy
}

for (const [name, first] of [
  ['a whole log', 1],
  ['a log after retention', 21],
] as const) {
  describe(`verify of ${name}`, async () => {
    const store = await logOf(length + first - 1, first)
    assert.equal(store.rows.length, length)
    const seqAt = (index: number): number => index + first

    it('is content', async () => assert.deepEqual(await found(store), []))

    it('finds an edit of any field of any event', async () => {
      await fc.assert(
        fc.asyncProperty(edit, async ([index, field, value]) => {
          fc.pre(store.rows[index]?.[field] !== value)
          assert.notDeepEqual(await found(withRow(store, index, { [field]: value })), [])
        }),
        { numRuns: 300 },
      )
    })

    it('names the event that was edited', async () => {
      for (let index = 0; index < length; index++)
        assert.deepEqual(await found(withRow(store, index, { user: 'x' })), [`${seqAt(index)} edited`])
    })

    it('names the gap that a deletion leaves, and a tail that was cut off', async () => {
      await fc.assert(
        fc.asyncProperty(indexes, indexes, async (one, two) => {
          const [from, to] = [Math.min(one, two), Math.max(one, two)]
          fc.pre(to - from < length - 1)
          const copy = copyOf(store)
          copy.rows.splice(from, to - from + 1)
          const expected = to === length - 1 ? `${seqAt(from - 1)} end` : `${seqAt(from)} missing`
          assert.deepEqual(await found(copy), [expected])
        }),
      )
    })

    it('names events that changed places', async () => {
      await fc.assert(
        fc.asyncProperty(indexes, indexes, async (one, two) => {
          fc.pre(one < two)
          const copy = withRow(withRow(store, one, { seq: seqAt(two) }), two, { seq: seqAt(one) })
          const expected = [`${seqAt(one)} moved`, `${seqAt(two)} moved`]
          assert.deepEqual(
            (await found(copy)).filter((problem) => !problem.endsWith('end')),
            expected,
          )
        }),
      )
    })

    it('finds an event that was inserted, wherever', async () => {
      await fc.assert(
        fc.asyncProperty(indexes, fc.integer({ min: -5, max: 50 }), fc.boolean(), async (index, seq, shift) => {
          const copy = copyOf(store)
          const row = copy.rows[index]
          assert.ok(row)
          const taken = copy.rows.some((present) => present.seq === seq)
          fc.pre(shift || !taken)
          if (shift)
            copy.rows = copy.rows.map((present) =>
              present.seq >= seq ? { ...present, seq: present.seq + 1 } : present,
            )
          copy.rows.push({ ...row, seq })
          assert.notDeepEqual(await found(copy), [])
        }),
      )
    })

    it('finds a forged, foreign or missing head', async () => {
      for (const index of [0, 5, length - 2]) {
        const cut = copyOf(store)
        cut.rows.splice(index + 1)
        const last = cut.rows.at(-1)
        assert.ok(last && cut.head)
        const forged = { ...cut.head, seq: last.seq, hash: last.hash }
        for (const head of [
          undefined,
          forged,
          { ...forged, mac: '' },
          { ...forged, keyId: 'x' },
          { ...cut.anchor, ...forged },
        ]) {
          assert.deepEqual(await found(Object.assign(copyOf(cut), { head })), [`${last.seq} end`])
        }
      }
    })

    it('finds a forged anchor', async () => {
      for (const index of [1, 6]) {
        const cut = copyOf(store)
        cut.rows.splice(0, index)
        const before = store.rows[index - 1]
        assert.ok(before && cut.head)
        const forged = { ...cut.head, name: 'anchor' as const, seq: seqAt(index), hash: before.hash }
        for (const anchor of [forged, { ...forged, mac: 'ff' }, undefined, store.anchor]) {
          assert.notDeepEqual(await found(Object.assign(copyOf(cut), { anchor })), [])
        }
      }
    })

    it('is not taken in by a chain under another key', async () => {
      const foreign = inMemoryAuditStore()
      await open(foreign, other).record({ action: 'Read', objectType: 'Role', objectId: 'x' })
      assert.deepEqual(await found(foreign), ['1 edited', '1 end'])
    })
  })
}

describe('a log that was tampered with', () => {
  const record = (audit: Audit) => audit.record({ action: 'Read', objectType: 'Role', objectId: 'next' })

  it('says so for ever, whoever goes on writing', async () => {
    const store = await logOf(10)
    const cases: readonly [string, (copy: InMemoryAuditStore) => void, readonly string[]][] = [
      ['the tail cut off', (copy) => copy.rows.splice(7), ['8 missing', '11 break']],
      [
        'the tail and the head',
        (copy) => Object.assign(copy, { rows: copy.rows.slice(0, 7), head: undefined }),
        ['8 break'],
      ],
      ['the head', (copy) => Object.assign(copy, { head: undefined }), ['11 break']],
      ['the head under no key', (copy) => Object.assign(copy, { head: { ...store.head, keyId: 'x' } }), ['11 break']],
      ['all events', (copy) => Object.assign(copy, { rows: [] }), ['1 missing', '11 break']],
      ['the last event', (copy) => Object.assign(copy, withRow(store, 9, { hash: 'ff' })), ['10 edited', '11 break']],
    ]
    for (const [name, tamper, expected] of cases) {
      const copy = copyOf(store)
      tamper(copy)
      const audit = open(copy)
      await record(audit)
      await record(audit)
      assert.deepEqual(
        (await found(copy)).filter((text) => !text.endsWith('unlinked')),
        expected,
        name,
      )
    }
  })

  it('is found set back as a whole by a process that saw more', async () => {
    const store = await logOf(5)
    const [early, audit] = [copyOf(store), open(store)]
    await record(audit)
    Object.assign(store, { rows: early.rows, head: early.head })
    assert.deepEqual(
      (await audit.verify()).problems.map(({ kind, what }) => [kind, what]),
      [['end', 'the log was set back from 6 to 5']],
    )
    await record(audit)
    assert.deepEqual(await found(store), ['6 missing', '7 break'])
  })

  it('is found set back by a witness that was kept elsewhere', async () => {
    const store = await logOf(5)
    const early = copyOf(store)
    await record(open(store))
    const { head } = await open(store).verify()
    assert.deepEqual(head?.seq, 6)
    assert.deepEqual((await open(store).verify(head)).problems, [])
    assert.equal((await open(early).verify()).ok, true)
    assert.deepEqual(
      (await open(early).verify(head)).problems.map(({ kind }) => kind),
      ['end'],
    )
    // Written on in another way, the number is there again, with something else.
    await record(open(early))
    await open(early).record({ action: 'Read', objectType: 'Role', objectId: 'other' })
    clock.time += 1
    const forked = copyOf(await logOf(5))
    await open(forked).record({ action: 'Read', objectType: 'Role', objectId: 'other' })
    assert.deepEqual(
      (await open(forked).verify(head)).problems.map(({ seq, kind }) => [seq, kind]),
      [[6, 'edited']],
    )
  })
})

describe('keys', () => {
  it('follow each other, and the earlier ones go on to verify', async () => {
    const store = await logOf(3)
    await open(store, other, key).record({ action: 'Read', objectType: 'Role', objectId: 'x' })
    assert.equal((await open(store, other, key).verify()).ok, true)
    assert.equal((await open(store, key, other).verify()).ok, true)
    const { problems } = await open(store, other).verify()
    assert.deepEqual(
      problems.map(({ seq, what }) => [seq, what]),
      [1, 2, 3].map((seq) => [seq, 'the key that signed the event is not known']),
    )
  })
})

describe('retain', () => {
  const record = (audit: Audit) => audit.record({ action: 'Read', objectType: 'Role', objectId: 'next' })

  it('deletes what is older, records that, and can go on', async () => {
    const store = await logOf(2_500)
    const audit = open(store)
    assert.equal(await audit.retain(0), 0)
    assert.equal(await audit.retain(2_401_000), 2_400)
    assert.equal(await audit.retain(2_401_000), 0)
    const { ok, checked } = await audit.verify()
    assert.deepEqual({ ok, checked }, { ok: true, checked: 101 })
    const [last] = await audit.list({}, { top: 1 })
    assert.deepEqual([last?.action, last?.objectType, last?.objectId], ['Delete', 'Audit Log', '1-2400'])
    await record(audit)
    assert.equal(await audit.retain(2_451_000), 50)
    assert.deepEqual(await found(store), [])
  })

  it('keeps an old event that stands behind a younger one', async () => {
    const store = await logOf(5)
    clock.time = 1
    await record(open(store))
    clock.time = 10_000
    assert.equal(await open(store).retain(4_000), 3)
    assert.deepEqual(
      store.rows.map(({ seq }) => seq),
      [4, 5, 6, 7],
    )
    assert.deepEqual(await found(store), [])
  })

  it('can delete all there was', async () => {
    const store = await logOf(5)
    clock.time = 100_000
    assert.equal(await open(store).retain(50_000), 5)
    assert.deepEqual(await found(store), [])
    store.rows = []
    assert.notDeepEqual(await found(store), [])
  })

  it('does not cover up what was tampered with', async () => {
    const store = await logOf(10)
    const cases: readonly [string, InMemoryAuditStore, number][] = [
      ['edited', withRow(store, 2, { user: 'x' }), 3],
      ['young events deleted at the beginning', Object.assign(copyOf(store), { rows: store.rows.slice(4) }), 1],
      ['a gap at the end of what goes', Object.assign(copyOf(store), { rows: store.rows.toSpliced(3, 2) }), 4],
    ]
    for (const [name, copy, seq] of cases) {
      const before = [...copy.rows]
      await assert.rejects(open(copy).retain(6_000), (fault: Fault) => {
        assert.deepEqual([fault.code, fault.details['seq']], ['audit.chainBroken', seq], name)
        return true
      })
      assert.deepEqual(copy.rows, before)
      await open(copy).retain(6_000, { evenBroken: true })
      assert.deepEqual(
        copy.rows.map((row) => row.seq),
        [6, 7, 8, 9, 10, 11],
        name,
      )
      assert.deepEqual(await found(copy), [], name)
      const [event] = await open(copy).list({}, { top: 1 })
      assert.match(event?.attributes['firstProblem'] ?? '', new RegExp(`^${seq}: `))
    }
  })

  it('may go on, once and again, while the log is verified', async () => {
    for (const cuts of [[2_000], [2_000, 6_000], [2_000, 50_000]]) {
      const store = await logOf(10)
      const left = [...cuts]
      const cutNext = async (): Promise<void> => {
        const before = left.shift()
        if (before === undefined) return
        clock.time = 100_000
        await open(store).retain(before)
      }
      const audit = open({
        ...store,
        // Once after the ends were read, and once after the page was.
        ends: async () => {
          const found = await store.ends()
          await cutNext()
          return found
        },
        list: async (filter, page) => {
          const found = await store.list(filter, page)
          await cutNext()
          return found
        },
      })
      assert.deepEqual((await audit.verify()).problems, [], cuts.join())
      assert.deepEqual(left, [])
      assert.notEqual(store.anchor, undefined)
    }
  })

  it('replaces a forged anchor only when told', async () => {
    const store = await logOf(10, 3)
    assert.ok(store.anchor)
    store.anchor = { ...store.anchor, seq: 5 }
    store.rows = store.rows.filter(({ seq }) => seq >= 5)
    await assert.rejects(open(store).retain(7_000), { code: 'audit.chainBroken' })
    await open(store).retain(7_000, { evenBroken: true })
    assert.deepEqual(await found(store), [])
  })
})
