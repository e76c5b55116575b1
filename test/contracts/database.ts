import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { openDatabase, openTenantStores } from '../../src/database/index.ts'
import { migrations } from '../../src/database/migrations/index.ts'
import type { Backend } from './backends.ts'

const future = {
  name: '0999-future',
  statements: () => ({ control: [], tenant: ['create table future (id bigint)'] }),
}

/** What opening a database must do. */
export function databaseContract(backend: () => Backend): void {
  describe('openDatabase', () => {
    it('opens again what is up to date, with its rows', async () => {
      const place = backend().place()
      const first = await openDatabase(place)
      await openTenantStores(first).schedules.claim('k', 1, 'n')
      await first.close()
      const second = await openDatabase(place)
      assert.equal(await openTenantStores(second).schedules.claim('k', 1, 'n'), false)
      await second.close()
    })

    it('keeps tenants apart', async () => {
      const [one, two] = [await backend().open(), await backend().open()]
      assert.equal(await openTenantStores(one).schedules.claim('k', 1, 'n'), true)
      assert.equal(await openTenantStores(two).schedules.claim('k', 1, 'n'), true)
    })

    it('refuses a database that is newer than the code', async () => {
      const place = backend().place()
      const newer = await openDatabase(place, [...migrations, future])
      await newer.close()
      await assert.rejects(openDatabase(place), { code: 'database.newer', details: { migration: '0999-future' } })
    })

    it('refuses a migration that was changed after it was applied', async () => {
      const place = backend().place()
      await (await openDatabase(place, [...migrations, future])).close()
      const changed = { ...future, statements: () => ({ control: [], tenant: ['create table other (id bigint)'] }) }
      await assert.rejects(openDatabase(place, [...migrations, changed]), { code: 'database.migrationChanged' })
    })

    it('leaves nothing of a migration that fails', async () => {
      const place = backend().place()
      await (await openDatabase(place)).close()
      const tenant = ['create table half (id bigint)', 'create table nonsense (']
      const broken = { name: '0998-broken', statements: () => ({ control: [], tenant }) }
      await assert.rejects(openDatabase(place, [...migrations, broken]))
      const fixed = { ...broken, statements: () => ({ control: [], tenant: tenant.slice(0, 1) }) }
      await (await openDatabase(place, [...migrations, fixed])).close()
    })

    it('migrates once however many open it at the same time', async () => {
      const place = backend().place()
      const databases = await Promise.all(Array.from({ length: 6 }, () => openDatabase(place)))
      for (const database of databases) {
        const applied = await database.query.selectFrom('migration').select('name').orderBy('name').execute()
        assert.deepEqual(
          applied.map(({ name }) => name),
          migrations.map(({ name }) => name),
        )
        await database.close()
      }
    })

    it('refuses a tenant id that is none', async () => {
      for (const schema of ['', '..', 'A', 'x"y', 'a/b']) {
        await assert.rejects(openDatabase({ ...backend().place(), schema }), { code: 'database.tenantInvalid' })
      }
    })

    it('processes that start at once migrate once, and write side by side', { timeout: 60_000 }, async () => {
      const place = backend().place()
      const writers = [1, 2, 3].map((number) =>
        fork(new URL('./writer-process.ts', import.meta.url), [JSON.stringify(place), String(number)], {
          silent: false,
        }),
      )
      const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0] as number))
      assert.deepEqual(codes, [0, 0, 0])
      const database = await openDatabase(place)
      const stores = openTenantStores(database)
      assert.equal(await stores.messages.count(undefined), 3 * 200)
      const written = ['generation', 'registry']
      const counters = await database.query
        .selectFrom('counter')
        .selectAll()
        .where('name', 'in', written)
        .orderBy('name')
        .execute()
      const expected = written.map((name) => ({ name, value: 3 * 20 }))
      assert.deepEqual(counters, expected, 'an update was lost')
      const { records } = await stores.registry.load(0)
      assert.deepEqual(records, [{ kind: 'role', id: 'count', document: String(3 * 20) }], 'a change was lost')
      await database.close()
    })
  })
}
