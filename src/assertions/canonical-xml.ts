import type { Element, Node } from 'slimdom'

const xmlns = 'http://www.w3.org/2000/xmlns/'

/**
 * The canonical form of an element by Exclusive XML Canonicalization 1.0, without comments, as XML signatures digest it.
 * @param without a child that is left out (the enveloped signature)
 * @param inclusive prefixes that are kept as Canonical XML would (`InclusiveNamespaces`), `#default` for none
 */
export function canonicalXml(
  element: Element,
  { without, inclusive = [] }: { readonly without?: Node; readonly inclusive?: readonly string[] } = {},
): string {
  const always = inclusive.map((prefix) => (prefix === '#default' ? '' : prefix))

  function rendered(node: Node, above: ReadonlyMap<string, string>): string {
    if (node === without) return ''
    if (node.nodeType === node.TEXT_NODE || node.nodeType === node.CDATA_SECTION_NODE)
      return textOf(node.nodeValue ?? '')
    return node.nodeType === node.ELEMENT_NODE ? elementOf(node as Element, above) : ''
  }

  function elementOf(each: Element, above: ReadonlyMap<string, string>): string {
    const attributes = each.attributes.filter(({ namespaceURI }) => namespaceURI !== xmlns)
    const wanted = new Map<string, string>([[each.prefix ?? '', each.namespaceURI ?? '']])
    for (const { prefix, namespaceURI } of attributes) if (prefix !== null) wanted.set(prefix, namespaceURI ?? '')
    for (const prefix of always) {
      const uri = each.lookupNamespaceURI(prefix === '' ? null : prefix)
      if (uri !== null || prefix === '') wanted.set(prefix, uri ?? '')
    }
    wanted.delete('xml')
    const fresh = [...wanted].filter(([prefix, uri]) => (above.get(prefix) ?? '') !== uri)
    const spaces = fresh
      .toSorted(([a], [b]) => inOrder(a, b))
      .map(([prefix, uri]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${attributeText(uri)}"`)
    const others = attributes
      .toSorted(
        (a, b) => inOrder(a.namespaceURI ?? '', b.namespaceURI ?? '') || inOrder(a.localName ?? '', b.localName ?? ''),
      )
      .map(({ nodeName, value }) => ` ${nodeName}="${attributeText(value)}"`)
    const below = new Map([...above, ...fresh])
    const content = each.childNodes.map((child) => rendered(child, below)).join('')
    return `<${each.nodeName}${spaces.join('')}${others.join('')}>${content}</${each.nodeName}>`
  }

  return rendered(element, new Map())
}

/** By code points, which is the order of the bytes in UTF-8. */
const inOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const textOf = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;')

const attributeText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#x9;')
    .replaceAll('\n', '&#xA;')
    .replaceAll('\r', '&#xD;')
