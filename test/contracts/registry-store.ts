import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { openDatabase, openTenantStores } from '../../src/database/index.ts'
import type { RegistryStore, StoredRecord } from '../../src/identity/index.ts'
import type { Backend } from './backends.ts'

/** A record, as a test wants it; its document is `content` in JSON. */
export const record = (id: string, content: unknown = { id }, kind: StoredRecord['kind'] = 'key'): StoredRecord => ({
  kind,
  id,
  document: JSON.stringify(content),
})

const deleted = (id: string, kind: StoredRecord['kind'] = 'key'): StoredRecord => ({ kind, id, document: undefined })

/** What every store of the registry must do. */
export function registryContract(backend: () => Backend): void {
  /** Stores of one registry, each with connections of its own, as several processes would have them. */
  async function open(test: TestContext, count: number): Promise<readonly RegistryStore[]> {
    const place = backend().place()
    const databases = await Promise.all(Array.from({ length: count }, () => openDatabase(place)))
    test.after(() => Promise.all(databases.map((database) => database.close())))
    return databases.map((database) => openTenantStores(database).registry)
  }

  async function openOne(test: TestContext): Promise<RegistryStore> {
    const [store] = await open(test, 1)
    assert.ok(store)
    return store
  }

  describe('RegistryStore', () => {
    it('begins empty at revision 0', async (test) => {
      const store = await openOne(test)
      assert.deepEqual(await store.load(0), { revision: 0, records: [] })
    })

    it('loads what was written, and what changed after a revision', async (test) => {
      const store = await openOne(test)
      assert.equal(await store.write(0, [record('a'), record('b')]), true)
      assert.equal(await store.write(1, [record('b', { new: true }), record('a', {}, 'instance')]), true)
      const changes = [record('a', {}, 'instance'), record('b', { new: true })]
      assert.deepEqual(await store.load(0), { revision: 2, records: [changes[0], record('a'), changes[1]] })
      assert.deepEqual(await store.load(1), { revision: 2, records: changes })
      assert.deepEqual(await store.load(2), { revision: 2, records: [] })
    })

    it('tells what was deleted to whoever may have it, and no one else', async (test) => {
      const store = await openOne(test)
      await store.write(0, [record('a'), record('b')])
      await store.write(1, [deleted('a'), deleted('never')])
      assert.deepEqual(await store.load(0), { revision: 2, records: [record('b')] })
      assert.deepEqual(await store.load(1), { revision: 2, records: [deleted('a'), deleted('never')] })
      await store.write(2, [record('a', 'again')])
      assert.deepEqual(await store.load(1), { revision: 3, records: [record('a', 'again'), deleted('never')] })
    })

    it('refuses what was worked out for another revision', async (test) => {
      const store = await openOne(test)
      await store.write(0, [record('a')])
      for (const expected of [0, 2, -1]) assert.equal(await store.write(expected, [record('b')]), false)
      assert.deepEqual(await store.load(0), { revision: 1, records: [record('a')] })
      assert.equal(await store.write(1, []), true)
      assert.equal((await store.load(0)).revision, 2)
    })

    it('writes a record that is given twice as it was given last', async (test) => {
      const store = await openOne(test)
      // Enough of them for one statement to hold both.
      const others = ['b', 'c', 'd', 'e', 'f'].map((id) => record(id))
      await store.write(0, [record('a', 1), ...others, record('a', 3)])
      await store.write(1, [record('a', 4), record('a', 5), ...others])
      assert.deepEqual((await store.load(0)).records, [record('a', 5), ...others])
    })

    it('keeps any character', async (test) => {
      const store = await openOne(test)
      const text = `NUL \0, half a pair \ud800, 𝄞 é e\u0301 \u2028 "quoted" \\u0000 '%_' ${'x'.repeat(100_000)}`
      const given = [record('CN=Zoë 𝄞, O="a;b"', { text, [text.slice(0, 9)]: [text] }), record('Z'), record('a')]
      await store.write(0, given)
      const { records } = await store.load(0)
      assert.deepEqual(records, [given[0], given[1], given[2]])
    })

    it('writes all or nothing', async (test) => {
      const store = await openOne(test)
      await store.write(0, [record('a')])
      const many = Array.from({ length: 500 }, (_, index) => record(`n${index}`))
      const broken: StoredRecord = { kind: 'key', id: 'z', document: 'raw \0' }
      await assert.rejects(store.write(1, [...many, deleted('a'), broken]), { code: 'database.textInvalid' })
      assert.deepEqual(await store.load(0), { revision: 1, records: [record('a')] })
      assert.equal(await store.write(1, many), true)
    })

    it('writes and loads thousands at once', async (test) => {
      const store = await openOne(test)
      const many = Array.from({ length: 5_000 }, (_, index) =>
        record(String(index).padStart(4, '0'), { index, pem: 'x'.repeat(1_500) }),
      )
      assert.equal(await store.write(0, many), true)
      assert.deepEqual(await store.load(0), { revision: 1, records: many })
      assert.equal(
        await store.write(
          1,
          many.map(({ id }) => deleted(id)),
        ),
        true,
      )
      assert.deepEqual((await store.load(0)).records, [])
      assert.equal((await store.load(1)).records.length, 5_000)
    })

    it('of those who write for the same revision exactly one wins, and nothing of the others is there', async (test) => {
      const stores = await open(test, 4)
      const [reader] = stores
      assert.ok(reader)
      for (let revision = 0; revision < 40; revision++) {
        const tries = await Promise.all(
          stores.map((store, writer) =>
            store.write(revision, [record('shared', { writer }), record(`${revision}-${writer}`)]),
          ),
        )
        const winners = tries.flatMap((won, writer) => (won ? [writer] : []))
        assert.equal(winners.length, 1, `revision ${revision}: ${winners.join()}`)
        assert.deepEqual(await reader.load(revision), {
          revision: revision + 1,
          records: [record(`${revision}-${winners[0]}`), record('shared', { writer: winners[0] })],
        })
      }
      assert.equal((await reader.load(0)).records.length, 41)
    })

    it('never shows a reader half of a change, nor a revision before its records', async (test) => {
      const [writer, reader] = await open(test, 2)
      assert.ok(writer && reader)
      const ids = Array.from({ length: 100 }, (_, index) => String(index).padStart(3, '0'))
      async function write(store: RegistryStore): Promise<void> {
        for (let revision = 0; revision < 30; revision++) {
          const records = ids.map((id) => record(id, revision + 1))
          assert.equal(await store.write(revision, records), true)
        }
      }
      async function follow(store: RegistryStore): Promise<void> {
        const mirror = new Map<string, string | undefined>()
        let seen: Awaited<ReturnType<RegistryStore['load']>> = { revision: 0, records: [] }
        while (seen.revision < 30) {
          seen = await store.load(seen.revision)
          for (const { id, document } of seen.records) mirror.set(id, document)
          if (seen.revision > 0) assert.deepEqual([...new Set(mirror.values())], [String(seen.revision)])
          // SQLite answers without a pause; the writer needs its turns.
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      await Promise.all([write(writer), follow(reader)])
    })

    it('has a revision and records of its own, as each store has', async (test) => {
      const database = await openDatabase(backend().place())
      test.after(() => database.close())
      const stores = openTenantStores(database)
      const names = ['registry', 'keystore', 'secrets'] as const
      for (const [count, name] of names.entries()) {
        for (let revision = 0; revision <= count; revision++)
          assert.equal(await stores[name].write(revision, [record(name, revision)]), true)
      }
      for (const [count, name] of names.entries())
        assert.deepEqual(await stores[name].load(0), { revision: count + 1, records: [record(name, count)] })
    })

    it('no change is lost when many change and try again', async (test) => {
      const stores = await open(test, 3)
      const rounds = 25
      await Promise.all(
        stores.map(async (store) => {
          for (let round = 0; round < rounds; ) {
            const { revision, records } = await store.load(0)
            const count = Number(records[0]?.document ?? 0)
            if (await store.write(revision, [record('count', count + 1)])) round++
          }
        }),
      )
      const end = { revision: 3 * rounds, records: [record('count', 3 * rounds)] }
      for (const store of stores) assert.deepEqual(await store.load(0), end)
    })
  })
}
