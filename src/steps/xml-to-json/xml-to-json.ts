import type { Element } from 'slimdom'

import type { Values } from '../../fields/index.ts'
import { declareStep } from '../../flow/index.ts'
import { Body } from '../../message/index.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

/** Levels; deeper XML is an attack or a mistake. */
const deepest = 500

interface Rules {
  readonly nameOf: (node: { readonly prefix: string | null; readonly localName: string }) => string
  /** True where an element becomes an array even if it stands alone. */
  readonly isArray: (path: string) => boolean
}

/** XML to JSON (iflow-format 7, XmlToJsonConverter): all values become strings, repeated elements arrays. */
export const xmlToJson = declareStep({
  type: 'XmlToJsonConverter',
  label: 'XML to JSON Converter',
  summary: 'Turns an XML body into JSON.',
  answers: ({ activity }) => activity === 'XmlToJsonConverter',
  fields,
  compile(settings) {
    const rules = rulesOf(settings)
    return (exchange) => {
      const root = exchange.body.document().documentElement
      if (root === null) return
      const name = rules.nameOf(root)
      const content = valueOf(root, `/${name}`, rules, 1)
      exchange.body = Body.ofText(
        settings.xmlJsonSuppressRootElement ? content : `{${JSON.stringify(name)}:${content}}`,
      )
    }
  },
})

function rulesOf(settings: Values<typeof fields>): Rules {
  const { useNamespaces, jsonNamespaceSeparator, xmlJsonUseStreaming, xmlJsonConvertAllElements, xmlJsonPathTable } =
    settings
  const paths = new Set(xmlJsonPathTable.map((row) => `/${row['0'].trim().replace(/^\/+|\/+$/g, '')}`))
  return {
    nameOf: ({ prefix, localName }) =>
      useNamespaces && prefix ? `${prefix}${jsonNamespaceSeparator}${localName}` : localName,
    isArray: (path) => xmlJsonUseStreaming && (xmlJsonConvertAllElements === 'all' || paths.has(path)),
  }
}

/** The JSON text of an element: a string where it has neither attributes nor children, else an object. */
function valueOf(element: Element, path: string, rules: Rules, depth: number): string {
  if (depth > deepest) throw faults.xmlTooDeep({ levels: deepest })
  const members: string[] = []
  for (const attribute of element.attributes) {
    if (attribute.prefix === 'xmlns' || attribute.name === 'xmlns') continue
    members.push(`${JSON.stringify(`@${rules.nameOf(attribute)}`)}:${JSON.stringify(attribute.value)}`)
  }
  const byName = new Map<string, Element[]>()
  for (const child of element.children) {
    const name = rules.nameOf(child)
    const same = byName.get(name)
    if (same) same.push(child)
    else byName.set(name, [child])
  }
  const text = textOf(element, byName.size > 0)
  if (members.length === 0 && byName.size === 0) return JSON.stringify(text)
  for (const [name, children] of byName) {
    const below = `${path}/${name}`
    const values = children.map((child) => valueOf(child, below, rules, depth + 1))
    const array = values.length > 1 || rules.isArray(below)
    members.push(`${JSON.stringify(name)}:${array ? `[${values.join(',')}]` : values[0]}`)
  }
  if (text !== '') members.push(`"$":${JSON.stringify(text)}`)
  return `{${members.join(',')}}`
}

/** The text directly in an element; white space between elements does not count. */
function textOf(element: Element, hasChildren: boolean): string {
  let text = ''
  for (const node of element.childNodes) if (node.nodeType === 3 || node.nodeType === 4) text += node.nodeValue ?? ''
  return hasChildren && text.trim() === '' ? '' : text
}
