import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { openDatabase } from './open-database.ts'
import { openSqliteFile } from './sqlite-file.ts'

const folder = temporaryFolder('sqlite')

describe('openSqliteFile', () => {
  it('keeps everything durable and checks references', async () => {
    const file = await openSqliteFile(join(folder, 'settings.db'))
    const setting = (name: string) => Object.values(file.run(`pragma ${name}`, []).rows[0] ?? {})[0]
    assert.deepEqual([setting('journal_mode'), setting('synchronous'), setting('foreign_keys')], ['wal', 2, 1])
    file.close()
  })

  it('waits for a lock without blocking the thread', async () => {
    const path = join(folder, 'busy.db')
    const [holder, waiter] = [await openSqliteFile(path), await openSqliteFile(path)]
    holder.run('create table t (n integer)', [])
    holder.run('begin immediate', [])
    let turns = 0
    const ticking = setInterval(() => turns++, 1)
    const insert = waiter.runWhenFree('insert into t values (?)', [1])
    await new Promise((resolve) => setTimeout(resolve, 60))
    assert.ok(turns > 5, `the thread had ${turns} turns while it waited`)
    holder.run('commit', [])
    assert.equal((await insert).changes, 1)
    clearInterval(ticking)
    holder.close()
    waiter.close()
  })

  it('one transaction of a process waits for the other', async () => {
    const database = await openDatabase({ url: undefined, folder, schema: 'queue' })
    const draw = () =>
      database.query.transaction().execute(async (transaction) => {
        const { value } = await transaction.selectFrom('counter').select('value').executeTakeFirstOrThrow()
        await new Promise((resolve) => setTimeout(resolve, 2))
        await transaction
          .updateTable('counter')
          .set({ value: value + 1 })
          .execute()
      })
    const failing = database.query.transaction().execute(async (transaction) => {
      await transaction.updateTable('counter').set({ value: 1000 }).execute()
      throw new Error('no')
    })
    await Promise.all([draw(), assert.rejects(failing, { message: 'no' }), draw(), draw()])
    const { value } = await database.query.selectFrom('counter').select('value').executeTakeFirstOrThrow()
    assert.equal(value, 3)
    await database.close()
  })
})

describe('openDatabase', () => {
  it('refuses a URL that is not one of PostgreSQL, without showing it', async () => {
    const url = 'mysql://root:secret@localhost/x'
    await assert.rejects(openDatabase({ url, folder, schema: 'default' }), (fault: Error) => {
      assert.equal((fault as Error & { code: string }).code, 'database.urlInvalid')
      assert.doesNotMatch(JSON.stringify(fault) + fault.message, /secret/)
      return true
    })
  })

  it('says that a PostgreSQL server does not answer', async () => {
    const url = 'postgres://user:secret@127.0.0.1:1/x'
    await assert.rejects(openDatabase({ url, folder, schema: 'default' }), { code: 'database.unavailable' })
  })
})
