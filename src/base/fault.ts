/**
 * Why an operation failed. Whoever catches a fault decides what to do about it; the fault itself never does.
 */
export type FaultKind =
  | 'invalid' // the request or configuration can never work as given
  | 'unsupported' // Sluice cannot do this yet
  | 'denied' // the caller may not do this
  | 'missing' // the thing named does not exist
  | 'conflict' // the thing named is in the wrong state, or its name is taken
  | 'exhausted' // a limit of size, number or rate is reached
  | 'unavailable' // another system may answer later; a retry can help
  | 'timeout' // it took longer than allowed
  | 'failed' // the content of a flow failed: a script, a mapping, a receiver's answer
  | 'defect' // our own bug

/** Where in a bundle, a file or a request a fault sits; each part is present only when it is known. */
export interface Place {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** Id of the model element, such as `CallActivity_7`. */
  readonly element?: string
  /** Key of the property, header or parameter. */
  readonly property?: string
}

/**
 * An expected failure as a value. `message` and `remedy` are safe to show to the caller and never hold a secret;
 * `cause` is for the log only.
 */
export class Fault<Code extends string = string> extends Error {
  override readonly name = 'Fault'
  readonly code: Code
  readonly kind: FaultKind
  readonly remedy: string
  readonly details: Readonly<Record<string, unknown>>
  readonly place: Place | undefined

  constructor(given: {
    readonly code: Code
    readonly kind: FaultKind
    readonly message: string
    readonly remedy: string
    readonly details?: object
    readonly place?: Place | undefined
    readonly cause?: unknown
  }) {
    super(given.message, given.cause === undefined ? undefined : { cause: given.cause })
    this.code = given.code
    this.kind = given.kind
    this.remedy = given.remedy
    this.details = { ...given.details }
    this.place = given.place
  }

  /** The same fault with a place, for a layer that knows where it happened. Keeps a place that is already there. */
  at(place: Place): Fault<Code> {
    return new Fault({
      code: this.code,
      kind: this.kind,
      message: this.message,
      remedy: this.remedy,
      details: this.details,
      place: { ...place, ...this.place },
      cause: this.cause,
    })
  }
}

interface Declaration {
  readonly kind: FaultKind
  readonly message: (details: never) => string
  /** What the reader can do about it, in one sentence. */
  readonly remedy: string | ((details: never) => string)
}

/** What may be added to a fault where it is raised. */
export interface Circumstances {
  readonly place?: Place | undefined
  readonly cause?: unknown
}

type Faults<Room extends string, Table> = {
  readonly [Name in keyof Table & string]: Table[Name] extends { message: () => string }
    ? (details?: object, circumstances?: Circumstances) => Fault<`${Room}.${Name}`>
    : Table[Name] extends { message: (details: infer Details extends object) => string }
      ? (details: Details, circumstances?: Circumstances) => Fault<`${Room}.${Name}`>
      : never
}

const declared = new Map<string, { readonly code: string; readonly kind: FaultKind }>()

/** Every fault declared so far, for the reference page and the test that holds codes unique. */
export const declaredFaults = (): readonly { readonly code: string; readonly kind: FaultKind }[] => [
  ...declared.values(),
]

/** Declares every fault of a room once: code (`room.name`), kind, words and remedy. Throws when a code is declared twice. */
export function declareFaults<const Room extends string, const Table extends Record<string, Declaration>>(
  room: Room,
  table: Table,
): Faults<Room, Table> {
  const entries = Object.entries(table).map(([name, { kind, message, remedy }]) => {
    const code = `${room}.${name}`
    if (declared.has(code)) throw new Error(`the fault ${code} is declared twice`)
    declared.set(code, { code, kind })
    const words = message as (details: object) => string
    const advice = typeof remedy === 'string' ? () => remedy : (remedy as (details: object) => string)
    return [
      name,
      (details: object = {}, { place, cause }: Circumstances = {}) =>
        new Fault({ code, kind, message: words(details), remedy: advice(details), details, place, cause }),
    ]
  })
  return Object.fromEntries(entries) as Faults<Room, Table>
}

/** The words of anything that was thrown, for a log line or a wrapped fault. */
export const wordsOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** `file.iflw:12:3, CallActivity_7, property 'wrapContent'`: a place in words; empty when nothing is known. */
export function placeWords(place: Place | undefined): string {
  if (place === undefined) return ''
  const position = [place.line, place.column].filter((part) => part !== undefined).join(':')
  const file = [place.file, position].filter(Boolean).join(':')
  const property = place.property === undefined ? '' : `property '${place.property}'`
  return [file, place.element, property].filter(Boolean).join(', ')
}
