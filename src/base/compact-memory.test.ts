import assert from 'node:assert/strict'
import { it } from 'node:test'

import { compactMemory } from './index.ts'

it('memory that nothing needs goes back to the system', () => {
  const hold: { of: object[] } = { of: [] }
  for (let n = 0; n < 1_000_000; n += 1) hold.of.push({ n, text: `text ${n}` })
  const full = process.memoryUsage().heapTotal
  hold.of = []
  compactMemory()
  const left = process.memoryUsage().heapTotal
  assert.ok(left < full / 2, `${left} of ${full} bytes`)
  assert.equal('gc' in globalThis, false)
})
