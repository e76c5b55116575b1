import type { Element } from 'slimdom'

export const namespaces = {
  saml: 'urn:oasis:names:tc:SAML:2.0:assertion',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
} as const

export const uris = {
  bearer: 'urn:oasis:names:tc:SAML:2.0:cm:bearer',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  exclusiveWithComments: 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
} as const

export const isNamed = (element: Element | null | undefined, namespace: 'saml' | 'ds', name: string): boolean =>
  element?.namespaceURI === namespaces[namespace] && element.localName === name

/** The children of that name, in order. */
export const childrenOf = (parent: Element | undefined, namespace: 'saml' | 'ds', name: string): readonly Element[] =>
  parent === undefined ? [] : parent.children.filter((child) => isNamed(child, namespace, name))

/** Text of an element that holds nothing but text; undefined where there is something else in it. */
export const plainText = (element: Element | undefined): string | undefined =>
  element === undefined || element.children.length > 0 ? undefined : (element.textContent ?? '')

/** The element and all below it, in the order of the document. Depth is bounded when a document is read. */
export const allElements = (element: Element): readonly Element[] => [
  element,
  ...element.children.flatMap((child) => allElements(child)),
]

/** Looked at level by level, because a document may be deeper than the stack. */
export function isDeeperThan(root: Element, most: number): boolean {
  let level: readonly Element[] = [root]
  for (let depth = 0; depth < most; depth++) level = level.flatMap((element) => element.children)
  return level.length > 0
}
