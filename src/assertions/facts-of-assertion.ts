import { X509Certificate } from 'node:crypto'
import type { Element } from 'slimdom'

import { decodeUtf8 } from './decode-assertion.ts'
import { parseXml } from '../formats/xml.ts'
import { strictObject } from './strict-json.ts'

/** One thing that stands in an assertion. */
export interface Fact {
  /** Such as `Subject/NameID` or `claims/sub`. */
  readonly element: string
  readonly value: string
}

const most = 300

/** Attributes and texts of an assertion, in their order; nothing where it cannot be read. */
export function samlFacts(xml: string): readonly Fact[] {
  try {
    // What a document type declaration would expand to is not wanted here.
    if (/<!(?:DOCTYPE|ENTITY)/i.test(xml) || xml.length > 131_072) return []
    const root = parseXml(xml).documentElement
    return root === null ? [] : factsIn(root, '').slice(0, most)
  } catch {
    return []
  }
}

function factsIn(element: Element, above: string, depth = 0): readonly Fact[] {
  if (depth > 40) return []
  const path = above === '' ? element.localName : `${above}/${element.localName}`
  const attributes = element.attributes
    .filter(({ prefix, nodeName }) => prefix !== 'xmlns' && nodeName !== 'xmlns')
    .map(({ nodeName, value }) => ({ element: `${path}/@${nodeName}`, value: clipped(value) }))
  const text = element.children.length === 0 ? (element.textContent ?? '').trim() : ''
  const own = text === '' ? [] : [{ element: path, value: clipped(shownText(element.localName, text)) }]
  return [...attributes, ...own, ...element.children.flatMap((child) => factsIn(child, path, depth + 1))]
}

/** A certificate by what it is, a signature by its length: neither is of use as text. */
function shownText(name: string, text: string): string {
  if (name === 'SignatureValue') return `${Buffer.from(text, 'base64').length} bytes`
  if (name !== 'X509Certificate') return text
  try {
    const { subject, fingerprint256, validTo } = new X509Certificate(Buffer.from(text, 'base64'))
    const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase()
    return `${subject.replaceAll('\n', ', ')}, valid to ${validTo}, SHA-256 ${fingerprint}`
  } catch {
    return 'not readable'
  }
}

/** Header and claims of a token; nothing where it cannot be read. */
export function jwtFacts(token: string): readonly Fact[] {
  const [header, claims, signature = ''] = token.split('.')
  const of = (part: string, text = ''): readonly Fact[] => {
    const members = strictObject(decodeUtf8(Buffer.from(text, 'base64url')) ?? '') ?? {}
    return Object.entries(members).map(([name, value]) => ({
      element: `${part}/${name}`,
      value: clipped(jsonOf(value)),
    }))
  }
  const length = { element: 'signature', value: `${Buffer.from(signature, 'base64url').length} bytes` }
  return [...of('header', header), ...of('claims', claims), length].slice(0, most)
}

const jsonOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const clipped = (text: string): string => (text.length > 500 ? `${text.slice(0, 500)}…` : text)
