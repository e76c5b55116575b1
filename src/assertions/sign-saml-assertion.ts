import { createHash, X509Certificate } from 'node:crypto'
import type { Element } from 'slimdom'

import { Fault } from '../base/index.ts'
import { parseXml, serializeXml } from '../formats/xml.ts'
import { canonicalXml } from './canonical-xml.ts'
import type { SamlSigner } from './contracts.ts'
import { faults } from './faults.ts'
import { parseAssertion } from './parse-assertion.ts'
import { childrenOf, namespaces, uris } from './saml-names.ts'
import { fits, signatureOf, uriOfName, usualName } from './signature-algorithms.ts'
import { createTrail } from './trail.ts'

const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256'

/**
 * Puts an enveloped signature (SAML core 5.4) into an assertion: SHA-256 digests, exclusive canonicalization, the
 * certificates in KeyInfo. A signature that is there already is replaced.
 * @param algorithm JOSE name; by default the usual one of the key
 * @throws assertions.textUnreadable, assertions.keyUnfit, assertions.certificateOfAnother
 */
export function signSamlAssertion(xml: string, { privateKey, certificates }: SamlSigner, algorithm?: string): string {
  const name = algorithm ?? usualName(privateKey) ?? 'any algorithm'
  if (!fits(name, privateKey) || name === 'RS1') throw faults.keyUnfit({ algorithm: name })
  const chain = certificates.map(certificateOf)
  if (chain[0] !== undefined && !chain[0].checkPrivateKey(privateKey)) throw faults.certificateOfAnother()

  const assertion = unsigned(xml)
  const digest = createHash('sha256').update(canonicalXml(assertion)).digest('base64')
  const id = assertion.getAttribute('ID') ?? ''
  const signedInfo = signedInfoText({ id, digest, method: uriOfName(name) })
  // It is in canonical form as it is written, standing alone.
  const value = signatureOf(name, privateKey, Buffer.from(signedInfo)).toString('base64')
  const shown = chain.map(({ raw }) => `<ds:X509Certificate>${raw.toString('base64')}</ds:X509Certificate>`).join('')
  const keyInfo = shown === '' ? '' : `<ds:KeyInfo><ds:X509Data>${shown}</ds:X509Data></ds:KeyInfo>`
  const signature = parseXml(
    `<ds:Signature xmlns:ds="${namespaces.ds}">${signedInfo}<ds:SignatureValue>${value}</ds:SignatureValue>${keyInfo}</ds:Signature>`,
  ).documentElement as Element
  const issuer = childrenOf(assertion, 'saml', 'Issuer')[0]
  issuer?.after(assertion.ownerDocument?.adoptNode(signature) ?? signature)
  return serializeXml(assertion)
}

function certificateOf(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw faults.textUnreadable({ why: 'a certificate is not PEM' }, { cause })
  }
}

function unsigned(xml: string): Element {
  const trail = createTrail({ strict: true })
  let assertion: Element
  try {
    assertion = parseAssertion(xml, trail)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw faults.textUnreadable({ why: trail.findings.at(-1)?.problem ?? 'it is no assertion' }, { cause })
  }
  for (const signature of childrenOf(assertion, 'ds', 'Signature')) signature.remove()
  if (childrenOf(assertion, 'saml', 'Issuer').length !== 1) throw faults.textUnreadable({ why: 'it has no Issuer' })
  if (!/^[A-Za-z_][\w.-]{0,255}$/.test(assertion.getAttribute('ID') ?? ''))
    throw faults.textUnreadable({ why: 'it has no ID' })
  return assertion
}

/** SignedInfo in its exclusive canonical form. */
const signedInfoText = ({ id, digest, method }: { id: string; digest: string; method: string }): string =>
  `<ds:SignedInfo xmlns:ds="${namespaces.ds}">` +
  `<ds:CanonicalizationMethod Algorithm="${uris.exclusive}"></ds:CanonicalizationMethod>` +
  `<ds:SignatureMethod Algorithm="${method}"></ds:SignatureMethod>` +
  `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${uris.enveloped}"></ds:Transform>` +
  `<ds:Transform Algorithm="${uris.exclusive}"></ds:Transform></ds:Transforms>` +
  `<ds:DigestMethod Algorithm="${sha256}"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue>` +
  `</ds:Reference></ds:SignedInfo>`
