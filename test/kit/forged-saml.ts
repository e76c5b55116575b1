import { createHash, sign } from 'node:crypto'

import { canonicalXml } from '../../src/assertions/canonical-xml.ts'
import { type SamlDraft, unsignedAssertion } from '../../src/assertions/index.ts'
import { signatureOf } from '../../src/assertions/signature-algorithms.ts'
import { parseXml } from '../../src/formats/xml.ts'
import { testDraft, type TestSigner } from './assertions.ts'

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

export const transform = (algorithm: string, content = ''): string =>
  `<ds:Transform Algorithm="${algorithm}">${content}</ds:Transform>`
export const samlTransforms = transform(enveloped) + transform(exclusive)

/** What is done otherwise than it should be; all else is right, so that only the check that is meant can refuse it. */
export interface Forgery {
  readonly draft?: Partial<SamlDraft>
  /** Changes the assertion before it is signed. */
  readonly before?: (xml: string) => string
  /** Changes what was signed. */
  readonly after?: (xml: string) => string
  readonly reference?: string
  readonly transforms?: string
  readonly canonicalization?: string
  readonly canonicalizationContent?: string
  readonly method?: string
  readonly methodContent?: string
  /** JOSE name by which it is really signed, or what signs. */
  readonly by?: string | ((signedInfo: Buffer) => Buffer)
  readonly digestMethod?: string
  readonly digest?: string
  /** Text that is digested in the place of the assertion. */
  readonly digested?: string
  /** Further references in SignedInfo. */
  readonly references?: string
  /** Further children of Signature. */
  readonly extra?: string
  readonly keyInfo?: string
  /** Changes the Signature after it is made. */
  readonly signature?: (xml: string) => string
  /** Puts the signature into the assertion; right after Issuer by default. */
  readonly place?: (xml: string, signature: string) => string
}

/** A signed assertion, made by templates and with the key of `signer`. */
export function forged(signer: TestSigner, forgery: Forgery = {}): string {
  const plain = unsignedAssertion(testDraft(forgery.draft))
  const xml = forgery.before?.(plain) ?? plain
  const root = parseXml(xml).documentElement
  if (root === null) throw new Error('no element')
  const hash = hashOf(forgery.digestMethod)
  const digested = forgery.digested ?? canonicalXml(root)
  const digest = forgery.digest ?? createHash(hash).update(digested).digest('base64')
  const id = root.getAttribute('ID') ?? ''
  const { method = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', by = 'RS256' } = forgery
  const info =
    `<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` +
    `<ds:CanonicalizationMethod Algorithm="${forgery.canonicalization ?? exclusive}">${forgery.canonicalizationContent ?? ''}</ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${method}">${forgery.methodContent ?? ''}</ds:SignatureMethod>` +
    `<ds:Reference URI="${forgery.reference ?? `#${id}`}"><ds:Transforms>${forgery.transforms ?? samlTransforms}</ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${forgery.digestMethod ?? 'http://www.w3.org/2001/04/xmlenc#sha256'}"></ds:DigestMethod>` +
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>${forgery.references ?? ''}</ds:SignedInfo>`
  const infoRoot = parseXml(info).documentElement
  const content = Buffer.from(infoRoot === null ? '' : canonicalXml(infoRoot))
  const value = typeof by === 'string' ? signedBy(by, signer, content) : by(content)
  const made = `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${info}<ds:SignatureValue>${value.toString('base64')}</ds:SignatureValue>${forgery.keyInfo ?? ''}${forgery.extra ?? ''}</ds:Signature>`
  const signature = forgery.signature?.(made) ?? made
  const place =
    forgery.place ?? ((text: string, part: string) => text.replace('</saml:Issuer>', `</saml:Issuer>${part}`))
  const signed = place(xml, signature)
  return forgery.after?.(signed) ?? signed
}

/** SHA-1 is not among the names that the product signs by. */
const signedBy = (name: string, { privateKey }: TestSigner, content: Buffer): Buffer =>
  name === 'RS1' ? sign('sha1', content, privateKey) : signatureOf(name, privateKey, content)

const hashOf = (uri = ''): string =>
  uri.includes('sha512')
    ? 'sha512'
    : uri.endsWith('#sha1')
      ? 'sha1'
      : uri.includes('sha384')
        ? 'sha384'
        : uri.endsWith('md5')
          ? 'md5'
          : 'sha256'

export const encoded = (xml: string | Uint8Array): string => Buffer.from(xml).toString('base64url')
