import type { Field, Words } from '../field.ts'

export function integer(
  words: Words & { readonly min: number; readonly max: number; readonly default?: number; readonly unit?: string },
): Field<number> {
  const { min, max, default: fallback, unit, ...rest } = words
  return {
    kind: 'integer',
    control: 'number',
    words: rest,
    fallback: fallback?.toString(),
    secret: false,
    schema: { type: 'integer', minimum: min, maximum: max, ...(unit && { unit }) },
    read(raw) {
      // The original writes an empty value where its default holds.
      const text = raw.trim() === '' && fallback !== undefined ? String(fallback) : raw.trim()
      const value = Number(text)
      return /^[+-]?\d+$/.test(text) && value >= min && value <= max
        ? { value }
        : { problem: `must be a whole number from ${min} to ${max}, not '${raw}'` }
    },
  }
}

/** A time span, written as a whole number of `unit`, read as milliseconds. */
export function duration(
  words: Words & {
    readonly unit: 'ms' | 's' | 'min' | 'd'
    readonly min: number
    readonly max: number
    readonly default?: number
  },
): Field<number> {
  const { unit, ...rest } = words
  const factor = { ms: 1, s: 1000, min: 60_000, d: 86_400_000 }[unit]
  const count = integer({ ...rest, unit })
  return {
    ...count,
    kind: 'duration',
    control: 'duration',
    read(raw) {
      const read = count.read(raw)
      return 'value' in read ? { value: read.value * factor } : read
    },
  }
}

/** A size, written as a whole number of `unit`, read as bytes. */
export function size(
  words: Words & {
    readonly unit: 'B' | 'KB' | 'MB'
    readonly min: number
    readonly max: number
    readonly default?: number
  },
): Field<number> {
  const { unit, ...rest } = words
  const factor = { B: 1, KB: 1024, MB: 1024 * 1024 }[unit]
  const count = integer({ ...rest, unit })
  return {
    ...count,
    kind: 'size',
    control: 'size',
    read(raw) {
      const read = count.read(raw)
      return 'value' in read ? { value: read.value * factor } : read
    },
  }
}
