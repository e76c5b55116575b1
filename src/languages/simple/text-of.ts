import { serializeXml } from '../../formats/index.ts'
import { Body, isNode, plainText } from '../../message/index.ts'
import { javaDateText } from '../dates/format.ts'
import { ownText } from './principal-view.ts'

/** A value of a header, a property or an expression as text, as Java and Camel write it; nothing is the empty text. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  if (value instanceof Body) return value.text()
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')
  if (value instanceof Date) return javaDateText(value.getTime())
  if (isNode(value)) return value.nodeType === 1 || value.nodeType === 9 ? serializeXml(value) : (value.nodeValue ?? '')
  if (value instanceof Set) return textOf([...value])
  if (Array.isArray(value)) return ownText(value) ?? listText(value)
  if (value instanceof Map)
    return ownText(value) ?? `{${[...value].map(([key, inner]) => `${element(key)}=${element(inner)}`).join(', ')}}`
  return plainText(value)
}

const listText = (list: readonly unknown[]): string =>
  list.length > 0 && list.every(isNode) ? list.map(textOf).join('') : `[${list.map(element).join(', ')}]`

const element = (value: unknown): string => (value === undefined || value === null ? 'null' : textOf(value))
