import type { Field, Words } from '../field.ts'

/** Yes or no. The original writes `1`, `0`, `true` and `false` for the same key; all are read, the empty text as the default. */
export function flag(words: Words & { readonly default?: boolean }): Field<boolean> {
  const { default: fallback, ...rest } = words
  return {
    kind: 'flag',
    control: 'switch',
    words: rest,
    fallback: fallback?.toString(),
    secret: false,
    schema: { enum: ['true', 'false', '1', '0'] },
    read(raw) {
      const text = raw.trim().toLowerCase()
      if (text === '1' || text === 'true') return { value: true }
      if (text === '0' || text === 'false') return { value: false }
      if (text === '' && fallback !== undefined) return { value: fallback }
      return { problem: `must be true or false, not '${raw}'` }
    },
  }
}

/**
 * One of a fixed list: stored text to label. `unsupported` lists values that the original knows and Sluice refuses
 * when the flow is deployed.
 */
export function choice<const Options extends Readonly<Record<string, string>>>(
  words: Words & {
    readonly options: Options
    readonly default?: keyof Options & string
    readonly unsupported?: readonly string[]
  },
): Field<keyof Options & string> {
  const { options, default: fallback, unsupported = [], ...rest } = words
  const names = Object.keys(options)
  return {
    kind: 'choice',
    control: 'choice',
    words: rest,
    fallback,
    secret: false,
    schema: { enum: names },
    read(raw) {
      const text = raw === '' && fallback !== undefined ? fallback : raw
      if (names.includes(text)) return { value: text }
      if (unsupported.includes(text)) return { problem: `'${text}' is not supported yet`, unsupported: true }
      return { problem: `must be one of ${names.join(', ')}, not '${raw}'` }
    },
  }
}

/**
 * A property of the original that Sluice honours in one state only. Any other state is refused at deployment, so that
 * nothing that a flow asks for is silently left out.
 */
export function fixed(words: Words & { readonly accepts: readonly string[] }): Field<string> {
  const { accepts, ...rest } = words
  return {
    kind: 'fixed',
    control: 'fixed',
    words: rest,
    fallback: accepts[0] ?? '',
    secret: false,
    schema: { enum: accepts },
    read: (raw) =>
      accepts.includes(raw) ? { value: raw } : { problem: `'${raw}' is not supported yet`, unsupported: true },
  }
}

/** A property that changes nothing at run time: layout, provenance, words for people. It is read and left alone. */
export function informative(words: Words): Field<string> {
  return {
    kind: 'informative',
    control: 'text',
    words,
    fallback: '',
    secret: false,
    schema: { type: 'string' },
    read: (raw) => ({ value: raw }),
  }
}
