import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core'

/** What went wrong with a script, as `faultOfProblem` reads it, and what only this engine knows. */
export type ScriptProblem =
  | { readonly kind: 'fileMissing' | 'functionMissing' | 'neverEnds' | 'outOfMemory' }
  | {
      readonly kind: 'compileFailed'
      readonly errors: readonly { readonly message: string; readonly line?: number; readonly column?: number }[]
    }
  | {
      readonly kind: 'failed'
      readonly className: string
      readonly message: string
      readonly line: number | null
      readonly stack: string
    }

const longest = 4_000

/** Reads an error that a script threw; an error while it was loaded is one of its text. */
export function problemOf(
  context: QuickJSContext,
  error: QuickJSHandle,
  given: {
    readonly files: ReadonlyMap<string, unknown>
    readonly file: string
    readonly loading: boolean
    readonly exhausted: boolean
  },
): ScriptProblem {
  const { name, message, className, stack } = readError(context, error)
  // Where there is no memory for an error either, nothing is thrown.
  const nothing = context.eq(error, context.null)
  if ((name === 'InternalError' && message === 'out of memory') || (nothing && given.exhausted))
    return { kind: 'outOfMemory' }
  const place = placeIn(stack, given.files)
  const words = className !== '' || name === '' ? message : `${name}: ${message}`
  if (given.loading) {
    const where = place === undefined || place.file === given.file ? '' : `${place.file}: `
    return {
      kind: 'compileFailed',
      errors: [{ message: `${where}${className && `${className}: `}${words}`, ...placeOf(place) }],
    }
  }
  // What the original shows of an error of the language itself.
  return {
    kind: 'failed',
    className: className || 'javax.script.ScriptException',
    message: words,
    line: place?.line ?? null,
    stack: stack.slice(0, longest),
  }
}

const placeOf = (place: { readonly line: number; readonly column: number } | undefined): object =>
  place === undefined ? {} : { line: place.line, column: place.column }

function readError(
  context: QuickJSContext,
  error: QuickJSHandle,
): Record<'name' | 'message' | 'className' | 'stack', string> {
  if (context.typeof(error) !== 'object' || context.eq(error, context.null))
    return { name: '', message: shortText(context, error), className: '', stack: '' }
  const read = (property: string): string => {
    // A getter of the script's may do anything; it runs under the same limits.
    try {
      using value = context.getProp(error, property)
      return context.typeof(value) === 'string' ? context.getString(value).slice(0, longest) : ''
    } catch {
      return ''
    }
  }
  return { name: read('name'), message: read('message'), className: read('className'), stack: read('stack') }
}

function shortText(context: QuickJSContext, value: QuickJSHandle): string {
  const type = context.typeof(value)
  return ['string', 'number', 'boolean', 'bigint', 'undefined'].includes(type)
    ? String(context.dump(value)).slice(0, longest)
    : type
}

/** The first line of a stack that is one of the bundle's scripts. */
function placeIn(
  stack: string,
  files: ReadonlyMap<string, unknown>,
): { readonly file: string; readonly line: number; readonly column: number } | undefined {
  for (const [, file = '', line, column] of stack.matchAll(/(?:\(|at )([^()\n]+?):(\d+)(?::(\d+))?\)?(?=\n|$)/g))
    if (files.has(file)) return { file, line: Number(line), column: Number(column ?? 1) }
  return undefined
}
