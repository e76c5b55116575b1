import type { Element } from 'slimdom'

import { decodeBase64 } from './decode-assertion.ts'
import { isNamed, namespaces, plainText, uris } from './saml-names.ts'
import type { Trail } from './trail.ts'

/** What a Signature says. */
export interface SignatureParts {
  readonly signedInfo: Element
  /** Prefixes that the canonicalization of SignedInfo keeps. */
  readonly signedInfoInclusive: readonly string[]
  readonly signatureMethod: string
  readonly signature: Buffer
  readonly reference: string
  /** Prefixes that the canonicalization of the assertion keeps. */
  readonly inclusive: readonly string[]
  readonly digestMethod: string
  readonly digest: Buffer
  readonly keyInfo: Element | undefined
}

// The document has no comments where this is asked, so both forms are the same text.
const canonicalizations: readonly string[] = [uris.exclusive, uris.exclusiveWithComments]

const mostPrefixes = 16

/** The parts of a Signature of exactly the shape that SAML core 5.4 describes: what is not named there ends it. */
export function readSignature(signature: Element, trail: Trail): SignatureParts {
  const shape = (holds: boolean, expected: string, found: string): void => {
    if (!holds) trail.stop('saml.signature.content', { expected, found })
  }
  const list = (names: readonly string[]): string => names.join(', ')

  /** The children, which have to be these, in this order; a name that ends with '?' may be missing. */
  function partsOf(parent: Element, names: readonly string[]): readonly (Element | undefined)[] {
    let at = 0
    const found = names.map((name) => {
      const child = parent.children[at]
      const fits = isNamed(child, 'ds', name.replace('?', ''))
      if (fits) at++
      shape(fits || name.endsWith('?'), list(names), list(parent.children.map(({ nodeName }) => nodeName)))
      return fits ? child : undefined
    })
    shape(at === parent.children.length, list(names), list(parent.children.map(({ nodeName }) => nodeName)))
    return found
  }

  const algorithmOf = (element: Element): string => element.getAttribute('Algorithm') ?? ''

  function bytesOf(element: Element, what: string): Buffer {
    const decoded = decodeBase64((plainText(element) ?? '').replaceAll(/[\t\n\r ]/g, ''))
    if (decoded === undefined || !/=|^[^_-]*$/.test(element.textContent ?? ''))
      return trail.stop('saml.signature.content', { expected: `${what} in base64`, found: 'something else' })
    return decoded.bytes
  }

  /** The PrefixList of an exclusive canonicalization, which may hold nothing else. */
  function inclusiveOf(element: Element): readonly string[] {
    const [only, ...more] = element.children
    if (only === undefined) return []
    const right = only.namespaceURI === namespaces.exclusive && only.localName === 'InclusiveNamespaces'
    shape(right && more.length === 0, 'InclusiveNamespaces', list(element.children.map(({ nodeName }) => nodeName)))
    const prefixes = (only.getAttribute('PrefixList') ?? '').split(/\s+/).filter(Boolean)
    // Each is looked up for every element, before anything is known to be signed.
    shape(prefixes.length <= mostPrefixes, `${mostPrefixes} prefixes`, `${prefixes.length} prefixes`)
    return prefixes
  }

  const [signedInfo, value, keyInfo] = partsOf(signature, ['SignedInfo', 'SignatureValue', 'KeyInfo?']) as [
    Element,
    Element,
    Element | undefined,
  ]
  const references = signedInfo.children.filter((child) => isNamed(child, 'ds', 'Reference')).length
  if (references !== 1) trail.stop('saml.reference', { expected: '1 Reference', found: `${references || ''}` })
  const [canonicalization, method, reference] = partsOf(signedInfo, [
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  ]) as [Element, Element, Element]
  const form = { expected: uris.exclusive, found: algorithmOf(canonicalization) }
  if (!canonicalizations.includes(form.found)) trail.stop('saml.canonicalization', form)
  trail.check('saml.canonicalization', true, form)
  shape(
    method.children.length === 0,
    'SignatureMethod without parameters',
    list(method.children.map((c) => c.nodeName)),
  )

  const [transforms, digestMethod, digestValue] = partsOf(reference, ['Transforms', 'DigestMethod', 'DigestValue']) as [
    Element,
    Element,
    Element,
  ]
  const steps = transforms.children
  const [enveloped, exclusive] = steps
  const names = steps.map(algorithmOf)
  const right =
    steps.every((step) => isNamed(step, 'ds', 'Transform')) &&
    steps.length === 2 &&
    names[0] === uris.enveloped &&
    canonicalizations.includes(names[1] ?? '') &&
    enveloped?.children.length === 0
  const seen = { expected: list([uris.enveloped, uris.exclusive]), found: list(names) }
  if (!right || exclusive === undefined) return trail.stop('saml.transforms', seen)
  trail.check('saml.transforms', true, seen)

  trail.check('saml.signature.content', true, { expected: 'its parts', found: 'its parts' })
  return {
    signedInfo,
    signedInfoInclusive: inclusiveOf(canonicalization),
    signatureMethod: algorithmOf(method),
    signature: bytesOf(value, 'SignatureValue'),
    reference: reference.getAttribute('URI') ?? '',
    inclusive: inclusiveOf(exclusive),
    digestMethod: algorithmOf(digestMethod),
    digest: bytesOf(digestValue, 'DigestValue'),
    keyInfo,
  }
}
