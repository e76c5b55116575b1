import assert from 'node:assert/strict'
import { test } from 'node:test'

import { choice } from './choice.ts'
import { integer } from './number.ts'
import { table } from './table.ts'

const rows = table({
  label: 'Rows',
  help: 'Some rows.',
  columns: {
    Kind: choice({ label: 'Kind', help: 'Its kind.', options: { a: 'A' }, unsupported: ['later'] }),
    Count: integer({ label: 'Count', help: 'How many.', min: 1, max: 9, default: 1 }),
  },
})
const read = (...cells: Record<string, string>[]) => rows.read(JSON.stringify(cells))

test('rows of cells become rows of values', () => {
  assert.deepEqual(read({ Kind: 'a' }, { Kind: 'a', Count: '2' }), {
    value: [
      { Kind: 'a', Count: 1 },
      { Kind: 'a', Count: 2 },
    ],
  })
  assert.deepEqual(rows.read(''), { value: [] })
})

test('every cell that cannot be read is named', () => {
  assert.deepEqual(read({ Kind: 'b', Count: '0' }), {
    problem: "row 1: 'Kind' must be one of a, not 'b'; row 1: 'Count' must be a whole number from 1 to 9, not '0'",
  })
  assert.deepEqual(rows.read('<row/>'), { problem: 'must be a table of rows and cells' })
})

test('a table is unsupported where its cells are legal and no more than that', () => {
  assert.deepEqual(read({ Kind: 'a' }, { Kind: 'later' }), {
    problem: "row 2: 'Kind' 'later' is not supported yet",
    unsupported: true,
  })
  assert.equal('unsupported' in read({ Kind: 'later' }, { Kind: 'b' }), false)
})
