import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto'
import type { Element } from 'slimdom'

import { Fault } from '../base/index.ts'
import { parseXml } from '../formats/xml.ts'
import { canonicalXml } from './canonical-xml.ts'
import { allElements, childrenOf, isDeeperThan } from './saml-names.ts'
import { readSignature } from './saml-signature-parts.ts'
import { digests, isSignature, joseNames, nameOfUri } from './signature-algorithms.ts'
import { createTrail } from './trail.ts'

/**
 * Verifies the enveloped signature of SAML metadata (saml-metadata 3): over exactly the document element, by the key of
 * one of the certificates (PEM), without SHA-1. Gives the canonical text of what was signed, without the signature;
 * only that may be read.
 */
export function verifySignedMetadata(
  xml: string,
  certificates: readonly string[],
): { readonly text: string } | { readonly why: string } {
  const root = rootOf(xml)
  if (root === undefined) return { why: 'it is no XML' }
  if (isDeeperThan(root, 64)) return { why: 'it is nested too deeply' }
  const id = root.getAttribute('ID') ?? ''
  if (id === '') return { why: 'its document element has no ID' }
  if (allElements(root).filter((each) => each.getAttribute('ID') === id).length > 1)
    return { why: `the ID '${id.slice(0, 100)}' is there twice` }
  const signatures = childrenOf(root, 'ds', 'Signature')
  const [signature] = signatures
  if (signature === undefined || signatures.length > 1)
    return { why: signature === undefined ? 'it is not signed' : 'its document element has several signatures' }
  return verified(root, id, signature, certificates)
}

function verified(root: Element, id: string, signature: Element, certificates: readonly string[]) {
  const trail = createTrail({ strict: true })
  try {
    const parts = readSignature(signature, trail)
    if (parts.reference !== `#${id}`) return { why: 'it is over something else than the whole document' }
    const algorithm = nameOfUri(parts.signatureMethod) ?? ''
    const digest = Object.hasOwn(digests, parts.digestMethod) ? digests[parts.digestMethod] : undefined
    if (!joseNames.includes(algorithm) || digest === undefined || digest === 'sha1')
      return { why: 'it is by an algorithm that is not accepted' }
    const text = canonicalXml(root, { without: signature, inclusive: parts.inclusive })
    const computed = createHash(digest).update(text).digest()
    if (parts.digest.length !== computed.length || !timingSafeEqual(parts.digest, computed))
      return { why: 'the document was changed after it was signed' }
    const content = Buffer.from(canonicalXml(parts.signedInfo, { inclusive: parts.signedInfoInclusive }))
    const right = certificates.some((pem) =>
      isSignature(algorithm, new X509Certificate(pem).publicKey, content, parts.signature),
    )
    return right ? { text } : { why: 'it is not by the key of the certificate that was given' }
  } catch (thrown) {
    const failed = trail.findings.at(-1)
    if (failed === undefined || failed.state === 'ok') throw thrown
    return { why: failed.problem }
  }
}

function rootOf(xml: string): Element | undefined {
  // Looked for in the text itself, so that nothing of it is read before.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) return undefined
  try {
    return parseXml(xml).documentElement ?? undefined
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined
    throw thrown
  }
}
