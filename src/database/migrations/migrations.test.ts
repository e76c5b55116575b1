import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { it } from 'node:test'

import { migrations } from './index.ts'

/** SHA-256 over what each migration runs, its white space included: databases that went through it remember as much. */
const landed: Readonly<Record<string, { readonly sqlite: string; readonly postgres: string }>> = {
  '0001-start': { sqlite: 'fde3f1fdd078f10e', postgres: 'c1a44295a4ae95f5' },
  '0002-custom-headers': { sqlite: 'a43f052a94f1ca5e', postgres: 'b7d3056c6b2e241a' },
  '0003-registry': { sqlite: '6c7edfa0ecd192ee', postgres: '340d13641af45986' },
  '0004-audit': { sqlite: '13f4e65f7c01de3c', postgres: '77547fa5217f3e0d' },
  '0005-vault': { sqlite: '8751eed207253445', postgres: '6bd30c56c415721f' },
  '0006-authorization': { sqlite: '115b7d3c6040a9ee', postgres: 'bc38fa52bbf9886c' },
}

it('a migration that has landed never changes, and a new one is added here', () => {
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
  const found = migrations.map(({ name, statements }) => {
    const digestFor = (dialect: 'sqlite' | 'postgres') => digest(JSON.stringify(statements(dialect)))
    return [name, { sqlite: digestFor('sqlite'), postgres: digestFor('postgres') }] as const
  })
  assert.deepEqual(Object.fromEntries(found), landed)
})
