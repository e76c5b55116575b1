import type { Element } from 'slimdom'

import { Fault } from '../base/index.ts'
import { parseXml } from '../formats/index.ts'
import { fingerprintOf, readCertificates } from '../keystore/index.ts'
import { faults } from './faults.ts'
import type { MetadataSignatures } from './ports.ts'
import { withoutIssuers } from './signing-certificates.ts'

/** What the metadata of an identity provider says, as far as it takes that to trust its assertions. */
export interface SamlMetadata {
  /** The entity id. */
  readonly issuer: string
  /** PEM of the certificates by which it signs, each once. */
  readonly certificates: readonly string[]
  /** True where the document was signed and the signature was verified by a certificate that was given. */
  readonly verified: boolean
}

const namespaces = {
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
}
const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'

/** Characters. Metadata of a single provider is far shorter. */
const longest = 1_000_000
const mostShown = 20
/** Levels of elements. */
const deepest = 64

/**
 * Reads the metadata of one SAML 2.0 identity provider (saml-metadata-2.0-os, 2.3 and 2.4). With `certificates` (PEM)
 * it has to be signed by the key of one of them, and only what was signed is read.
 * @throws identity.metadataInvalid, metadataOfSeveral, metadataSignatureWrong
 */
export function readSamlMetadata(
  xml: string,
  given: {
    readonly now: number
    readonly certificates?: readonly string[]
    readonly signatures?: MetadataSignatures | undefined
  },
): SamlMetadata {
  const { now, certificates = [], signatures } = given
  const root = rootOf(certificates.length === 0 ? xml : verifiedText(xml, certificates, signatures))
  if (isNamed(root, 'metadata', 'EntitiesDescriptor'))
    throw faults.metadataOfSeveral({ issuers: entityIdsIn(root).slice(0, mostShown) })
  if (!isNamed(root, 'metadata', 'EntityDescriptor')) throw invalid('it is no EntityDescriptor of SAML 2.0')
  const roles = childrenOf(root, 'metadata', 'IDPSSODescriptor').filter(speaksSaml2)
  const [role, ...more] = roles
  if (role === undefined) throw invalid('it has no IDPSSODescriptor for SAML 2.0, so this is no identity provider')
  if (more.length > 0) throw invalid('it has several IDPSSODescriptors')
  const issuer = root.getAttribute('entityID') ?? ''
  const signing = childrenOf(role, 'metadata', 'KeyDescriptor').filter(signs)
  const found = new Map(signing.flatMap(certificatesIn).map((each) => [fingerprintOf(each), each.toString()]))
  const problems = [
    ...(issuer === '' ? ['it has no entityID'] : []),
    ...[root, role].flatMap((element) => validityProblems(element, now)),
    ...(found.size === 0 ? ['it has no certificate for signing'] : []),
  ]
  if (problems.length > 0) throw faults.metadataInvalid({ problems })
  return { issuer, certificates: [...found.values()], verified: certificates.length > 0 }
}

const invalid = (problem: string): Fault => faults.metadataInvalid({ problems: [problem] })

/** @throws identity.metadataSignatureWrong, also where nothing here can verify a signature */
function verifiedText(
  xml: string,
  certificates: readonly string[],
  signatures: MetadataSignatures | undefined,
): string {
  if (signatures === undefined) throw faults.metadataSignatureWrong({ why: 'this process cannot verify signatures' })
  refuseDeclarations(xml)
  const verified = signatures.verify(xml, certificates)
  if ('why' in verified) throw faults.metadataSignatureWrong(verified)
  return verified.text
}

/** Looked for in the text itself, so that nothing is read before. */
function refuseDeclarations(xml: string): void {
  if (xml.length > longest) throw invalid(`it has more than ${longest} characters`)
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) throw invalid('it has a document type declaration')
}

function rootOf(xml: string): Element {
  refuseDeclarations(xml)
  try {
    const root = parseXml(xml).documentElement
    if (root === null) throw invalid('it is empty')
    if (isDeeperThan(root, deepest)) throw invalid(`it is nested more than ${deepest} levels deep`)
    return root
  } catch (thrown) {
    throw thrown instanceof Fault && thrown.code === 'formats.xmlMalformed' ? invalid(thrown.message) : thrown
  }
}

function isDeeperThan(root: Element, most: number): boolean {
  let level: readonly Element[] = [root]
  for (let depth = 0; depth < most; depth++) level = level.flatMap((element) => element.children)
  return level.length > 0
}

const isNamed = (element: Element, space: keyof typeof namespaces, name: string): boolean =>
  element.namespaceURI === namespaces[space] && element.localName === name

const childrenOf = (parent: Element, space: keyof typeof namespaces, name: string): readonly Element[] =>
  parent.children.filter((child) => isNamed(child, space, name))

const speaksSaml2 = (role: Element): boolean =>
  (role.getAttribute('protocolSupportEnumeration') ?? '').split(/\s+/).includes(protocol)

/** A key without a use is for signing and for encryption (2.4.1.1). */
const signs = (key: Element): boolean => ['signing', null].includes(key.getAttribute('use'))

function certificatesIn(key: Element) {
  const all = childrenOf(key, 'signature', 'KeyInfo')
    .flatMap((info) => childrenOf(info, 'signature', 'X509Data'))
    .flatMap((data) => childrenOf(data, 'signature', 'X509Certificate'))
    .flatMap((certificate) => {
      try {
        return readCertificates((certificate.textContent ?? '').replaceAll(/\s/g, ''))
      } catch (thrown) {
        throw thrown instanceof Fault ? invalid(`a certificate in it cannot be read: ${thrown.message}`) : thrown
      }
    })
  return withoutIssuers(all)
}

function validityProblems(element: Element, now: number): readonly string[] {
  const text = element.getAttribute('validUntil')
  if (text === null) return []
  const until = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isNaN(until)) return ['its validUntil is no time such as 2030-01-31T12:00:00Z']
  return until > now ? [] : [`it was valid until ${new Date(until).toISOString()}`]
}

/** Depth is what a person would nest, not what a parser takes. */
const entityIdsIn = (root: Element, depth = 0): readonly string[] =>
  root.children.flatMap((child) => {
    if (isNamed(child, 'metadata', 'EntityDescriptor')) return [child.getAttribute('entityID') ?? '']
    return depth < 8 && isNamed(child, 'metadata', 'EntitiesDescriptor') ? entityIdsIn(child, depth + 1) : []
  })
