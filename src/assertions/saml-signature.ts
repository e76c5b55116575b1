import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto'
import type { Element } from 'slimdom'

import type { IdentityProvider } from '../identity/index.ts'
import { canonicalXml } from './canonical-xml.ts'
import { decodeBase64 } from './decode-assertion.ts'
import { certificatesOf, countsAt, fingerprintOf } from './provider-keys.ts'
import { allElements, childrenOf, isNamed, plainText } from './saml-names.ts'
import { readSignature, type SignatureParts } from './saml-signature-parts.ts'
import { digests, fits, isSignature, nameOfUri } from './signature-algorithms.ts'
import type { Trail } from './trail.ts'

/** The canonical text of the assertion that was signed, once its digest and signature were found right. */
export function signedText(
  assertion: Element,
  { provider, now, trail }: { readonly provider: IdentityProvider; readonly now: number; readonly trail: Trail },
): string {
  const signature = oneSignature(assertion, trail)
  const parts = readSignature(signature, trail)
  const id = assertion.getAttribute('ID') ?? ''
  trail.check('saml.reference', parts.reference === `#${id}`, { expected: `#${id}`, found: parts.reference })

  const { sha1 } = provider
  const algorithm = nameOfUri(parts.signatureMethod) ?? ''
  const allowed = algorithm === 'RS1' ? sha1 : provider.algorithms.includes(algorithm)
  const names = [...provider.algorithms, ...(sha1 ? ['rsa-sha1'] : [])].join(', ')
  const foundName = algorithm === 'RS1' ? 'rsa-sha1, which is weak' : algorithm || parts.signatureMethod
  trail.check('saml.signatureAlgorithm', allowed, { expected: names, found: foundName })
  const digest = Object.hasOwn(digests, parts.digestMethod) ? digests[parts.digestMethod] : undefined
  const digestSeen = { expected: sha1 ? 'SHA-256 to SHA-512, SHA-1' : 'SHA-256 to SHA-512', found: parts.digestMethod }
  if (digest === undefined) return trail.stop('saml.digestAlgorithm', digestSeen)
  trail.check('saml.digestAlgorithm', digest !== 'sha1' || sha1, digestSeen)

  const text = canonicalXml(assertion, { without: signature, inclusive: parts.inclusive })
  const computed = createHash(digest).update(text).digest()
  const same = parts.digest.length === computed.length && timingSafeEqual(parts.digest, computed)
  const digestValues = { expected: computed.toString('base64'), found: parts.digest.toString('base64') }
  trail.check('saml.digest', same, digestValues)
  checkSignature(parts, { provider, algorithm, now, trail })
  return text
}

function oneSignature(assertion: Element, trail: Trail): Element {
  const all = allElements(assertion).filter((each) => isNamed(each, 'ds', 'Signature'))
  const [signature] = all
  if (signature === undefined) return trail.stop('saml.signature.missing', { expected: '1', found: '' })
  if (all.length > 1) trail.stop('saml.signature.count', { expected: '1', found: String(all.length) })
  const place = `${signature.parentElement?.localName}/Signature, child ${(signature.parentElement?.children.indexOf(signature) ?? -1) + 1}`
  const inPlace = signature.parentNode === assertion && isNamed(signature.previousElementSibling, 'saml', 'Issuer')
  const seen = { expected: 'Assertion/Signature, child 2', found: place }
  if (!inPlace) trail.stop('saml.signature.place', seen)
  trail.check('saml.signature.place', true, seen)
  return signature
}

/** KeyInfo is the sender's word: it never adds a key, it only says what is missing here. */
function checkSignature(
  parts: SignatureParts,
  given: {
    readonly provider: IdentityProvider
    readonly algorithm: string
    readonly now: number
    readonly trail: Trail
  },
): void {
  const { provider, algorithm, now, trail } = given
  const fitting = certificatesOf(provider).filter((each) => countsAt(each, now) && fits(algorithm, each.key))
  const named = namedIn(parts.keyInfo)
  const hint = named === '' ? '' : `KeyInfo names the certificate ${named}`
  const known = fitting.map(({ fingerprint }) => fingerprint).join(', ')
  const counting = { expected: `a certificate for ${algorithm} that counts now`, found: known || hint }
  // The workbench goes on with what the assertion says; the reader does not come back from a check that fails.
  if (!trail.check('saml.certificate', fitting.length > 0, counting)) return
  const content = Buffer.from(canonicalXml(parts.signedInfo, { inclusive: parts.signedInfoInclusive }))
  const right = fitting.find(({ key }) => isSignature(algorithm, key, content, parts.signature))
  trail.check('saml.signature', right !== undefined, {
    expected: `by the certificate ${known}`,
    found: right === undefined ? hint || 'no certificate fits' : `right by ${right.fingerprint} (${right.subject})`,
  })
}

/** The fingerprint of the certificate in KeyInfo, in hex; '' where there is none that can be read. */
export function namedIn(keyInfo: Element | undefined): string {
  const [data] = childrenOf(keyInfo, 'ds', 'X509Data')
  const [certificate] = childrenOf(data, 'ds', 'X509Certificate')
  const decoded = decodeBase64((plainText(certificate) ?? '').replaceAll(/[\t\n\r ]/g, ''))
  try {
    return decoded === undefined ? '' : fingerprintOf(new X509Certificate(decoded.bytes))
  } catch {
    return ''
  }
}
