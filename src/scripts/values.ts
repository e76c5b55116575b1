import type { Caught, Principal } from '../flow/index.ts'
import { Body, isNode, isPrincipal, plainText } from '../message/index.ts'
import { serializeXml } from '../formats/index.ts'
import { encodePrincipal } from './encode-principal.ts'

/** A value of a Java type that JavaScript has no equal for, such as a Long or a BigDecimal: its class and its text. */
export class JavaValue {
  readonly type: string
  readonly text: string

  constructor(type: string, text: string) {
    this.type = type
    this.text = text
  }

  toString(): string {
    return this.text
  }

  /** Numbers compare as numbers. */
  valueOf(): number | string {
    const number = Number(this.text)
    return Number.isNaN(number) ? this.text : number
  }

  toJSON(): string {
    return this.text
  }
}

/** An object that only scripts understand. It stays in the host until its message ends; the flow sees its text. */
export class ScriptObject {
  /** Number in the host. */
  readonly handle: number
  readonly className: string
  readonly text: string
  /** Which start of the host holds it; it dies with that process. */
  readonly epoch: number

  constructor(handle: number, className: string, text: string, epoch: number) {
    this.handle = handle
    this.className = className
    this.text = text
    this.epoch = epoch
  }

  toString(): string {
    return this.text
  }

  toJSON(): string {
    return this.text
  }
}

/** A list as scripts see it in text: `[a, b]`. */
export class JavaList extends Array<unknown> {
  override toString(): string {
    return `[${this.map(javaText).join(', ')}]`
  }
}

/** A map as scripts see it in text: `{a=1, b=2}`. */
export class JavaMap extends Map<string, unknown> {
  override toString(): string {
    return `{${[...this].map(([key, value]) => `${key}=${javaText(value)}`).join(', ')}}`
  }
}

const javaText = (value: unknown): string => plainText(value ?? 'null')

const longText = 4096
const isInt = (value: number): boolean =>
  Number.isInteger(value) && Math.abs(value) <= 0x7fffffff && !Object.is(value, -0)

function encodeText(text: string, parts: Buffer[]): unknown {
  return text.length <= longText ? text : ['s', parts.push(Buffer.from(text)) - 1]
}

/**
 * A value as the typed JSON that the host reads; long texts and bytes become parts.
 * @throws Stale when the value holds an object of a host that is gone
 */
export function encodeValue(value: unknown, parts: Buffer[], epoch: number): unknown {
  switch (typeof value) {
    case 'string':
      return encodeText(value, parts)
    case 'boolean':
      return value
    case 'number':
      if (isInt(value)) return value
      return [
        'v',
        Number.isSafeInteger(value) && !Object.is(value, -0) ? 'java.lang.Long' : 'java.lang.Double',
        String(value),
      ]
    case 'bigint':
      return ['v', BigInt.asIntN(64, value) === value ? 'java.lang.Long' : 'java.math.BigInteger', String(value)]
    case 'object':
      return value === null ? null : encodeObject(value, parts, epoch)
    case 'undefined':
      return null
    default:
      return encodeText(String(value), parts)
  }
}

function encodeObject(value: object, parts: Buffer[], epoch: number): unknown {
  if (value instanceof JavaValue) return ['v', value.type, value.text]
  if (value instanceof ScriptObject) {
    if (value.epoch !== epoch) throw new Stale()
    return ['h', value.handle, encodeText(value.text, parts)]
  }
  if (value instanceof Date) return ['t', value.getTime()]
  if (value instanceof Uint8Array)
    return ['b', parts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength)) - 1]
  if (value instanceof Body) return encodeText(value.text(), parts)
  if (isNode(value)) return encodeText(serializeXml(value), parts)
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isNode)) return encodeText(value.map(serializeXml).join(''), parts)
    return ['l', value.map((item) => encodeValue(item, parts, epoch))]
  }
  if (isCaught(value)) return ['x', encodeCaught(value)]
  if (isPrincipal(value)) return encodePrincipal(value)
  const entries =
    value instanceof Map ? [...(value as Map<unknown, unknown>)] : isPlain(value) ? Object.entries(value) : undefined
  if (entries === undefined) return encodeText(String(value), parts)
  return ['m', entries.map(([key, item]) => [String(key), encodeValue(item, parts, epoch)])]
}

const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value))

const isCaught = (value: object): value is Caught => 'className' in value && 'stepId' in value && 'stack' in value

const encodeCaught = ({ className, message, response }: Caught): object => ({
  className,
  message,
  response: response && {
    status: response.status,
    statusText: response.statusText,
    body: response.body,
    headers: Object.fromEntries(response.headers),
  },
})

/** A value as the host wrote it; `principal` is the one of the message, which the host has by reference only. */
export function decodeValue(json: unknown, parts: readonly Buffer[], epoch: number, principal?: Principal): unknown {
  if (!Array.isArray(json)) return json
  const decode = (item: unknown): unknown => decodeValue(item, parts, epoch, principal)
  const [form, first, second, third] = json as [string, unknown, unknown, unknown]
  switch (form) {
    case 's':
      return parts[first as number]?.toString('utf8')
    case 'b':
      return parts[first as number]
    case 't':
      return new Date(first as number)
    case 'v':
      return new JavaValue(first as string, second as string)
    case 'l':
      return JavaList.from(first as readonly unknown[], decode)
    case 'm':
      return new JavaMap((first as readonly (readonly [string, unknown])[]).map(([key, item]) => [key, decode(item)]))
    case 'p':
      return principal
    case 'h':
      return new ScriptObject(first as number, third as string, String(decode(second)), epoch)
    default:
      throw new Error(`the script host sent a value of the unknown form '${form}'`)
  }
}

/** An object is meant that died with its host. */
export class Stale extends Error {
  override readonly name = 'Stale'
}
