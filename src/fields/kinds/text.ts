import type { Field, Words } from '../field.ts'

/** Any text. Without a default it must not be empty. */
export function text(
  words: Words & {
    readonly default?: string
    readonly maxLength?: number
    readonly pattern?: RegExp
    readonly form?: string
  },
): Field<string> {
  const { default: fallback, maxLength = 1_000_000, pattern, form, ...rest } = words
  return {
    kind: 'text',
    control: 'text',
    words: rest,
    fallback,
    secret: false,
    schema: { type: 'string', maxLength, ...(pattern && { pattern: pattern.source }) },
    read(raw) {
      if (fallback === undefined && raw === '') return { problem: 'must not be empty' }
      if (raw.length > maxLength) return { problem: `is longer than ${maxLength} characters` }
      if (pattern && raw !== '' && !pattern.test(raw))
        return { problem: `must be ${form ?? `of the form ${pattern.source}`}` }
      return { value: raw }
    },
  }
}

/** A text that is never shown again: not in a form, a log, an export or an error. */
export function secretText(words: Words & { readonly default?: string; readonly maxLength?: number }): Field<string> {
  return { ...text(words), kind: 'secret-text', secret: true }
}

/** The name of something deployed beside the flow: a credential (`secret`), a key pair (`key`), a certificate. */
export function alias(
  words: Words & { readonly default?: string; readonly of: 'credential' | 'key' | 'certificate' },
): Field<string> {
  const { of, ...rest } = words
  return { ...text(rest), kind: `${of}-alias`, control: 'alias' }
}

/** A text in which `${...}` is evaluated for each message by the Simple language. The step compiles it. */
export function expression(words: Words & { readonly default?: string }): Field<string> {
  return { ...text(words), kind: 'expression', control: 'expression' }
}

/** The path of a file in the bundle that holds code. */
export function script(words: Words & { readonly default?: string }): Field<string> {
  return { ...text(words), kind: 'script', control: 'script' }
}
