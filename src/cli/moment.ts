import type { Field, Words } from '../fields/index.ts'

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A point in time: ISO 8601, or how long ago (`30s`, `15m`, `1h`, `2d`). Optional; reads to a function of now. */
export function moment(words: Words): Field<((now: number) => number) | undefined> {
  return {
    kind: 'moment',
    control: 'text',
    words,
    fallback: '',
    secret: false,
    schema: { type: 'string' },
    read(raw) {
      if (raw === '') return { value: undefined }
      const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(raw) ?? []
      if (count !== '') return { value: (now) => now - Number(count) * (units[unit] ?? 0) }
      const time = /^\d{4}-\d{2}/.test(raw) ? Date.parse(raw) : Number.NaN
      return Number.isNaN(time)
        ? { problem: `must be like 1h, 30m or 2026-01-31T12:00:00Z, not '${raw}'` }
        : { value: () => time }
    },
  }
}
