/** What a person is told about a field: in a form, in the reference page and in an error. */
export interface Words {
  readonly label: string
  readonly help: string
  /** Version of Sluice that brought the field; absent means the first. */
  readonly since?: string
}

/** How a form shows a field; one renderer each. */
export type Control =
  | 'text'
  | 'number'
  | 'switch'
  | 'choice'
  | 'duration'
  | 'size'
  | 'date'
  | 'alias'
  | 'expression'
  | 'table'
  | 'script'
  | 'fixed'

export type Read<Value> = { readonly value: Value } | { readonly problem: string; readonly unsupported?: true }

/**
 * One property of a step, an adapter, a setting, an entity or a command, declared once. Everyone who needs to know
 * anything about the property reads it from here.
 */
export interface Field<Value> {
  readonly kind: string
  readonly control: Control
  readonly words: Words
  /** The raw text that stands for an absent property; undefined means the property is required. */
  readonly fallback: string | undefined
  /** JSON Schema of the raw value. */
  readonly schema: object
  /** Secret values are shown nowhere: not in logs, exports, forms. */
  readonly secret: boolean
  /** Returns the typed value, or the words that say what is wrong with the text. */
  readonly read: (raw: string) => Read<Value>
}

export type FieldSet = Readonly<Record<string, Field<unknown>>>
export type Values<Fields extends FieldSet> = {
  readonly [Name in keyof Fields]: Fields[Name] extends Field<infer Value> ? Value : never
}

export interface FieldProblem {
  readonly field: string
  readonly problem: string
  /** True where the value is legal but Sluice cannot do it yet. */
  readonly unsupported: boolean
}

/** Reads every declared field and returns all problems at once, never only the first. Undeclared names are listed. */
export function readFields<Fields extends FieldSet>(
  fields: Fields,
  raw: Readonly<Record<string, string | undefined>>,
): {
  readonly values: Values<Fields>
  readonly problems: readonly FieldProblem[]
  readonly unknown: readonly string[]
} {
  const values: Record<string, unknown> = {}
  const problems: FieldProblem[] = []
  for (const [name, field] of Object.entries(fields)) {
    const given = raw[name] ?? field.fallback
    if (given === undefined) {
      problems.push({ field: name, problem: 'is required', unsupported: false })
      continue
    }
    const read = field.read(given)
    if ('problem' in read) problems.push({ field: name, problem: read.problem, unsupported: read.unsupported ?? false })
    else values[name] = read.value
  }
  const unknown = Object.keys(raw).filter((name) => !(name in fields) && raw[name] !== undefined)
  return { values: values as Values<Fields>, problems, unknown }
}

/** The plain description of a field set, of which forms, reference pages and the catalogue are made. */
export function describeFields(fields: FieldSet) {
  return Object.entries(fields).map(([name, { kind, control, words, fallback, schema, secret }]) => ({
    name,
    kind,
    control,
    ...words,
    default: fallback,
    required: fallback === undefined,
    secret,
    schema,
  }))
}
