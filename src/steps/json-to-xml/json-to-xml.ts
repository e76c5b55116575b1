import { wordsOf } from '../../base/index.ts'
import { declareStep } from '../../flow/index.ts'
import { Body } from '../../message/index.ts'
import { faults } from '../faults.ts'
import { fields } from './fields.ts'

/** JSON as it is read here: numbers keep the digits they were written with. */
type Json = string | boolean | null | readonly Json[] | { readonly [name: string]: Json }

const declaration = "<?xml version='1.0' encoding='UTF-8'?>"
const ncName = /^[\p{L}_][\p{L}\p{N}\p{M}._·-]*$/u
/** Levels; deeper JSON is an attack or a mistake. */
const deepest = 500

/** JSON to XML (iflow-format 7, JsonToXmlConverter): `@name` is an attribute, `$` text, an array repeats its element. */
export const jsonToXml = declareStep({
  type: 'JsonToXmlConverter',
  label: 'JSON to XML Converter',
  summary: 'Turns a JSON body into XML.',
  answers: ({ activity }) => activity === 'JsonToXmlConverter',
  fields,
  compile({ addXMLRootElement, additionalRootElementName }) {
    const name = additionalRootElementName || 'root'
    return (exchange) => {
      const json = readJson(exchange.body.text())
      const root = addXMLRootElement ? elementOf(name, json, 0) : onlyElement(json)
      exchange.body = Body.ofText(declaration + root)
    }
  },
})

function readJson(text: string): { readonly [name: string]: Json } {
  const json = parse(text)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw faults.jsonInvalid({ why: 'it must be an object, such as {"root": ...}.' })
  }
  return json as { readonly [name: string]: Json }
}

function parse(text: string): Json {
  const keepDigits = (_name: string, value: Json | number, context?: { readonly source?: string }): Json =>
    typeof value === 'number' ? (context?.source ?? String(value)) : value
  try {
    return JSON.parse(text, keepDigits) as Json
  } catch (cause) {
    throw faults.jsonInvalid({ why: cause instanceof SyntaxError ? cause.message : wordsOf(cause) }, { cause })
  }
}

/** Without an added root the object must have one member, and that must be one element. */
function onlyElement(json: { readonly [name: string]: Json }): string {
  const [first, ...others] = Object.entries(json)
  if (first === undefined || others.length > 0 || (Array.isArray(first[1]) && first[1].length !== 1)) {
    throw faults.jsonInvalid({ why: 'it must have exactly one member, which becomes the root element.' })
  }
  return elementOf(first[0], first[1], 0)
}

function elementOf(name: string, value: Json, depth: number): string {
  if (depth > deepest) throw faults.jsonInvalid({ why: `it is nested deeper than ${deepest} levels.` })
  if (Array.isArray(value)) return value.map((item: Json) => itemOf(name, item, depth)).join('')
  checkName(name)
  if (value === null || value === '') return `<${name}/>`
  if (typeof value !== 'object') return `<${name}>${escapeText(String(value))}</${name}>`
  const members = Object.entries(value)
  const attributes = members
    .filter(([member]) => member.startsWith('@'))
    .map(([member, one]) => attributeOf(member.slice(1), one))
  const content = members
    .filter(([member]) => !member.startsWith('@'))
    .map(([member, one]) => (member === '$' ? escapeText(scalarOf(member, one)) : elementOf(member, one, depth + 1)))
  const start = [name, ...attributes].join(' ')
  const inner = content.join('')
  return inner === '' ? `<${start}/>` : `<${start}>${inner}</${name}>`
}

function itemOf(name: string, item: Json, depth: number): string {
  if (Array.isArray(item))
    throw faults.jsonInvalid({ why: `the array '${name}' holds another array, which has no name in XML.` })
  return elementOf(name, item, depth + 1)
}

function attributeOf(name: string, value: Json): string {
  checkName(name)
  return `${name}="${escapeText(scalarOf(`@${name}`, value)).replace(/"/g, '&quot;')}"`
}

function scalarOf(member: string, value: Json): string {
  if (value === null) return ''
  if (typeof value === 'object')
    throw faults.jsonInvalid({ why: `the member '${member}' must be a text, a number or a boolean.` })
  return String(value)
}

function checkName(name: string): void {
  if (!ncName.test(name)) throw faults.xmlNameInvalid({ name: name.slice(0, 100) })
}

function escapeText(text: string): string {
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text)) {
    throw faults.jsonInvalid({ why: 'it holds a control character that XML does not allow.' })
  }
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
