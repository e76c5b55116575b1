import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { moment } from './moment.ts'

describe('a moment', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  const field = moment({ label: 'time', help: '' })
  const read = (raw: string): number | string | undefined => {
    const result = field.read(raw)
    return 'value' in result ? result.value?.(now) : result.problem
  }
  const cases: [string, number | undefined][] = [
    ['', undefined],
    ['30s', now - 30_000],
    ['15m', now - 900_000],
    ['1h', now - 3_600_000],
    ['2d', now - 172_800_000],
    ['2026-02-28T00:00:00Z', Date.parse('2026-02-28T00:00:00Z')],
    ['2026-02-28', Date.parse('2026-02-28')],
  ]
  for (const [raw, expected] of cases) it(`reads '${raw}'`, () => assert.equal(read(raw), expected))
  for (const raw of ['h', '1w', '-1h', 'yesterday', '5', '2026-99-99']) {
    it(`refuses '${raw}'`, () => assert.match(String(read(raw)), /^must be like 1h/))
  }
})
