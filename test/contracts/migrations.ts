import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CompiledQuery } from 'kysely'
import { migrations } from '../../src/database/migrations/index.ts'
import { openDatabase } from '../../src/database/open-database.ts'
import type { Backend } from './backends.ts'

type Row = Readonly<Record<string, unknown>>

/** What a migration does to rows that were there before it. */
interface Case {
  /** Rows by table, in the schema as it was before. */
  readonly before: Readonly<Record<string, readonly Row[]>>
  /** What a query finds afterwards. */
  readonly after: Readonly<Record<string, readonly Row[]>>
}

const message = (id: string, detail: object): Row => ({
  id,
  ...Object.fromEntries(
    ['correlation_id', 'flow_id', 'flow_name', 'package_id', 'level', 'status', 'sender', 'receiver'].map((name) => [
      name,
      '',
    ]),
  ),
  ...Object.fromEntries(
    ['principal', 'custom_status', 'application_id', 'application_type', 'predecessor', 'node'].map((name) => [
      name,
      '',
    ]),
  ),
  start: 1,
  detail: JSON.stringify(detail),
})

/** One for every migration but the first, which finds nothing. */
const cases: Readonly<Record<string, Case>> = {
  '0002-custom-headers': {
    before: {
      message: [
        message('m1', {
          properties: [],
          steps: [],
          customHeaders: [
            ['order', '1'],
            ['order', 'x'.repeat(600)],
          ],
        }),
        message('m2', { properties: [], steps: [], customHeaders: [] }),
        message('m3', { properties: [] }),
      ],
    },
    after: {
      'select message_id, position, name, value from custom_header order by message_id, position': [
        { messageId: 'm1', position: 0, name: 'order', value: '1' },
        { messageId: 'm1', position: 1, name: 'order', value: 'x'.repeat(500) },
      ],
      [`select id from message where detail like '%customHeaders%'`]: [],
      [`select id from message where detail like '%properties%' order by id`]: [
        { id: 'm1' },
        { id: 'm2' },
        { id: 'm3' },
      ],
    },
  },
}

/** What every migration must do with data. */
export function migrationContract(backend: () => Backend): void {
  describe('migrations', () => {
    it('are in the order of their numbers, and each after the first is tested with rows', () => {
      const names = migrations.map(({ name }) => name)
      assert.deepEqual(names, names.toSorted())
      assert.deepEqual(Object.keys(cases), names.slice(1))
      names.forEach((name, index) => assert.ok(name.startsWith(String(index + 1).padStart(4, '0'))))
    })

    for (const [name, { before, after }] of Object.entries(cases)) {
      it(`${name} keeps what was there`, async () => {
        const index = migrations.findIndex((migration) => migration.name === name)
        const place = backend().place()
        const old = await openDatabase(place, migrations.slice(0, index))
        for (const [table, rows] of Object.entries(before)) {
          for (const row of rows)
            await old.query
              .insertInto(table as 'message')
              .values(row as never)
              .execute()
        }
        await old.close()
        const migrated = await openDatabase(place, migrations.slice(0, index + 1))
        for (const [query, expected] of Object.entries(after)) {
          const { rows } = await migrated.query.executeQuery<Row>(CompiledQuery.raw(query))
          assert.deepEqual(
            rows.map((row) => ({ ...row })),
            expected,
            query,
          )
        }
        await migrated.close()
      })
    }
  })
}
