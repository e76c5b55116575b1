import { isNode } from '../../message/index.ts'
import { compileRegex } from '../regex.ts'
import { isEqual } from './compare.ts'
import { elementsOf } from './elements-of.ts'
import { textOf } from './text-of.ts'

/** A method of Java, called on a value that is never null. */
type Method = (self: unknown, ...given: readonly unknown[]) => unknown

const count = (self: unknown): number => {
  if (self instanceof Map || self instanceof Set) return self.size
  if (self instanceof Uint8Array) return self.length
  return elementsOf(self)?.length ?? textOf(self).length
}

const entry = (self: unknown, key: unknown): unknown => {
  if (!(self instanceof Map)) return undefined
  return self.has(key) ? self.get(key) : self.get(textOf(key))
}

const integer = (value: unknown): number => {
  const number = Number(textOf(value))
  if (!Number.isFinite(number)) throw new Error(`'${textOf(value)}' is not a number`)
  return Math.trunc(number)
}

function position(value: unknown, length: number): number {
  const index = integer(value)
  if (index < 0 || index > length) throw new Error(`${index} is outside of 0 to ${length}`)
  return index
}

function substring(self: unknown, from: unknown, to?: unknown): string {
  const text = textOf(self)
  const start = position(from, text.length)
  const end = to === undefined ? text.length : position(to, text.length)
  if (start > end) throw new Error(`${start} lies behind ${end}`)
  return text.slice(start, end)
}

const contains: Method = (self, part) => {
  const elements = self instanceof Map ? [...self.keys()] : elementsOf(self)
  return elements === undefined ? textOf(self).includes(textOf(part)) : elements.some((each) => isEqual(each, part))
}

const indexOf: Method = (self, part) => {
  const elements = elementsOf(self)
  return elements === undefined ? textOf(self).indexOf(textOf(part)) : elements.findIndex((each) => isEqual(each, part))
}

const at: Method = (self, key) => {
  if (self instanceof Map) return entry(self, key)
  const elements = elementsOf(self) ?? [self]
  const index = integer(key)
  if (index < 0 || index >= elements.length) throw new Error(`there is no element ${index} among ${elements.length}`)
  return elements[index]
}

const texts =
  (apply: (text: string, ...given: readonly string[]) => unknown): Method =>
  (self, ...given) =>
    apply(textOf(self), ...given.map(textOf))

/** Java trims everything up to the space. A loop, because a pattern takes too long on many spaces. */
function trimmed(self: unknown): string {
  const text = textOf(self)
  let [start, end] = [0, text.length]
  while (start < end && text.charCodeAt(start) <= 32) start++
  while (end > start && text.charCodeAt(end - 1) <= 32) end--
  return text.slice(start, end)
}

const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['size', count],
  ['length', count],
  ['getLength', count],
  ['isEmpty', (self) => count(self) === 0],
  ['isBlank', texts((text) => text.trim() === '')],
  ['toUpperCase', texts((text) => text.toUpperCase())],
  ['toLowerCase', texts((text) => text.toLowerCase())],
  ['trim', trimmed],
  ['strip', texts((text) => text.trim())],
  ['substring', substring],
  ['contains', contains],
  ['containsKey', contains],
  ['containsValue', (self, value) => self instanceof Map && [...self.values()].some((each) => isEqual(each, value))],
  ['startsWith', texts((text, part = '') => text.startsWith(part))],
  ['endsWith', texts((text, part = '') => text.endsWith(part))],
  ['indexOf', indexOf],
  ['lastIndexOf', texts((text, part = '') => text.lastIndexOf(part))],
  ['charAt', (self, index) => textOf(self).charAt(position(index, textOf(self).length - 1))],
  ['concat', texts((text, other = '') => text + other)],
  ['replace', texts((text, from = '', to = '') => text.replaceAll(from, () => to))],
  ['replaceAll', texts((text, pattern = '', to = '') => compileRegex(pattern).replaceAll(text, to))],
  ['replaceFirst', texts((text, pattern = '', to = '') => compileRegex(pattern).replaceFirst(text, to))],
  ['matches', texts((text, pattern = '') => compileRegex(pattern).matches(text))],
  ['split', texts((text, pattern = '') => withoutEmptyEnd(compileRegex(pattern).split(text)))],
  ['equals', (self, other) => typeof self === typeof other && isEqual(self, other)],
  ['equalsIgnoreCase', texts((text, other = '') => text.toLowerCase() === other.toLowerCase())],
  ['compareTo', texts((text, other = '') => (text === other ? 0 : text < other ? -1 : 1))],
  ['toString', textOf],
  ['getBytes', texts((text) => Buffer.from(text, 'utf8'))],
  ['intValue', integer],
  ['longValue', integer],
  ['doubleValue', (self) => Number(textOf(self))],
  ['booleanValue', texts((text) => text.toLowerCase() === 'true')],
  ['get', at],
  ['item', at],
  ['keySet', (self) => (self instanceof Map ? [...self.keys()] : undefined)],
  ['values', (self) => (self instanceof Map ? [...self.values()] : undefined)],
  ['getTime', (self) => (self instanceof Date ? self.getTime() : undefined)],
  ['getTextContent', (self) => (isNode(self) && 'textContent' in self ? self.textContent : undefined)],
  ['getNodeName', (self) => (isNode(self) ? self.nodeName : undefined)],
])

/** As in Java, a split drops the empty pieces at its end. */
function withoutEmptyEnd(pieces: string[]): string[] {
  let end = pieces.length
  while (end > 1 && pieces[end - 1] === '') end--
  return pieces.slice(0, end)
}

/** The method with this name; undefined when Sluice knows none. */
export const methodOf = (name: string): Method | undefined => methods.get(name)

/** A bare name: the entry of a map, else a getter or a method without arguments. Undefined when there is none. */
export function memberOf(self: unknown, name: string): (() => unknown) | undefined {
  if (self instanceof Map && self.has(name)) return () => entry(self, name)
  const capital = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  const method = methods.get(name) ?? methods.get(`get${capital}`) ?? methods.get(`is${capital}`)
  if (method === undefined || method.length > 1) return self instanceof Map ? () => undefined : undefined
  return () => method(self)
}
