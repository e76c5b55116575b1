import type { Element, Node } from 'slimdom'

import { Fault } from '../base/index.ts'
import { parseXml } from '../formats/xml.ts'
import { longestAssertion } from './decode-assertion.ts'
import { allElements, isNamed, namespaces } from './saml-names.ts'
import type { Trail } from './trail.ts'

const deepest = 24
const mostNodes = 2000
const encryption = 'http://www.w3.org/2001/04/xmlenc#'

/** The Assertion that is the document, where there is nothing in it that could be read in two ways. */
export function parseAssertion(text: string, trail: Trail): Element {
  const root = documentElement(text, trail)
  const elements = allElements(root)
  const names = elements.map(({ localName }) => localName)

  const encrypted = elements.find(({ localName, namespaceURI }) => {
    const ours = namespaceURI === namespaces.saml && localName.startsWith('Encrypted')
    return ours || namespaceURI === encryption
  })
  if (encrypted !== undefined) trail.stop('saml.encrypted', { expected: '', found: encrypted.nodeName })
  const rootSeen = { expected: `Assertion of ${namespaces.saml}`, found: `${root.localName} of ${root.namespaceURI}` }
  if (!isNamed(root, 'saml', 'Assertion')) trail.stop('saml.root', rootSeen)
  trail.check('saml.root', true, rootSeen)
  const assertions = names.filter((name) => name === 'Assertion' || name === 'Response').length
  trail.check('saml.nested', assertions === 1, { expected: '1', found: String(assertions) })
  const ids = elements.flatMap((element) => idsOf(element))
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  trail.check('saml.duplicateId', twice === undefined, { expected: 'each once', found: twice ?? 'each once' })
  return root
}

function documentElement(text: string, trail: Trail): Element {
  const bytes = Buffer.byteLength(text)
  if (bytes > longestAssertion)
    trail.stop('saml.size', { expected: `${longestAssertion} bytes`, found: `${bytes} bytes` })
  // Looked for in the text itself, so that nothing of it is read before: also where it would be harmless.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) trail.stop('saml.doctype', { expected: 'none', found: 'a declaration' })
  const declared = /^\uFEFF?<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1] ?? 'UTF-8'
  if (!/^(?:utf-8|us-ascii)$/i.test(declared)) trail.stop('saml.xml', { expected: 'UTF-8', found: declared })
  const { root, comment } = parsed(text, trail)
  const { nodes, depth } = measured(root)
  const fits = nodes <= mostNodes && depth <= deepest
  const measure = { expected: `${mostNodes} nodes, ${deepest} levels`, found: `${nodes} nodes, ${depth} levels` }
  if (!fits) trail.stop('saml.size', measure)
  trail.check('saml.xml', true, { expected: 'well-formed', found: 'well-formed' })
  if (comment !== undefined) trail.check('saml.comment', false, { expected: 'none', found: comment })
  return root
}

function parsed(text: string, trail: Trail): { readonly root: Element; readonly comment: string | undefined } {
  try {
    const document = parseXml(text)
    const root = document.documentElement
    if (root === null) return trail.stop('saml.xml', { expected: 'an element', found: '' })
    return { root, comment: commentIn(document) }
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    return trail.stop('saml.xml', { expected: 'well-formed', found: thrown.message })
  }
}

function commentIn(document: Node): string | undefined {
  for (let open: readonly Node[] = [document]; open.length > 0; open = open.flatMap((node) => node.childNodes)) {
    const found = open.find(
      ({ nodeType }) => nodeType === document.COMMENT_NODE || nodeType === document.PROCESSING_INSTRUCTION_NODE,
    )
    if (found === undefined) continue
    const place = found.parentNode?.nodeName ?? 'the document'
    return `${found.nodeType === document.COMMENT_NODE ? 'a comment' : 'a processing instruction'} in ${place}`
  }
  return undefined
}

/** Level by level, because the document may be deeper than the stack. */
function measured(root: Element): { readonly nodes: number; readonly depth: number } {
  let [nodes, depth] = [0, 0]
  for (let level: readonly Node[] = [root]; level.length > 0; level = level.flatMap((node) => node.childNodes)) {
    depth++
    for (const node of level)
      nodes += 1 + (node.nodeType === node.ELEMENT_NODE ? (node as Element).attributes.length : 0)
    if (nodes > mostNodes || depth > deepest) break
  }
  return { nodes, depth }
}

/** Whatever some reader may take for an ID: in any case, with or without a namespace. */
const idsOf = (element: Element): readonly string[] =>
  element.attributes.filter(({ localName }) => /^(?:assertion)?id$/i.test(localName ?? '')).map(({ value }) => value)
