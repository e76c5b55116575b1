// Makes a signed SAML 2.0 bearer assertion with Node alone, and prints it as base64url.
// Usage: node saml-sender.ts key.pem cert.pem issuer user audience token-endpoint
import { createHash, createPrivateKey, randomBytes, sign, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

const [keyFile = '', certificateFile = '', issuer = '', user = '', audience = '', recipient = ''] =
  process.argv.slice(2)

// The XML is written in its canonical form from the start: end tags everywhere, no blanks between elements.
const text = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;')
const quoted = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const at = (seconds: number): string => `${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19)}Z`

const [begin, end, id] = [at(-60), at(300), `_${randomBytes(16).toString('hex')}`]
const before = `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" IssueInstant="${begin}" Version="2.0"><saml:Issuer>${text(issuer)}</saml:Issuer>`
const after =
  `<saml:Subject><saml:NameID>${text(user)}</saml:NameID>` +
  `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
  `<saml:SubjectConfirmationData NotOnOrAfter="${end}" Recipient="${quoted(recipient)}"></saml:SubjectConfirmationData>` +
  `</saml:SubjectConfirmation></saml:Subject>` +
  `<saml:Conditions NotBefore="${begin}" NotOnOrAfter="${end}"><saml:AudienceRestriction>` +
  `<saml:Audience>${text(audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions></saml:Assertion>`

const digest = createHash('sha256')
  .update(before + after)
  .digest('base64')
const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const c14n = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const info =
  `<ds:SignedInfo xmlns:ds="${dsig}"><ds:CanonicalizationMethod Algorithm="${c14n}"></ds:CanonicalizationMethod>` +
  `<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>` +
  `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${dsig}enveloped-signature"></ds:Transform>` +
  `<ds:Transform Algorithm="${c14n}"></ds:Transform></ds:Transforms>` +
  `<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>` +
  `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`
const signature = sign('sha256', Buffer.from(info), createPrivateKey(readFileSync(keyFile))).toString('base64')
const certificate = new X509Certificate(readFileSync(certificateFile)).raw.toString('base64')

const xml =
  `${before}<ds:Signature xmlns:ds="${dsig}">${info}<ds:SignatureValue>${signature}</ds:SignatureValue>` +
  `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>` +
  `</ds:Signature>${after}`
console.log(Buffer.from(xml).toString('base64url'))
