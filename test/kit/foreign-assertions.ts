/** SAML 2.0 assertions by tools of others: xmlsec1, pysaml2 and samlify. Nothing of ours has a hand in them. */
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { temporaryFolder } from './temporary-folder.ts'

/** Whoever signs: PEM. */
export interface Signer {
  readonly cert: string
  readonly key: string
}

export interface AssertionWish {
  readonly issuer: string
  readonly user: string
  readonly audience: string
  readonly recipient: string
  readonly attributes?: Readonly<Record<string, readonly string[]>>
  /** Milliseconds since 1970; five minutes from now when absent. */
  readonly until?: number
  readonly id?: string
}

const saml = 'urn:oasis:names:tc:SAML:2.0:assertion'
const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const c14n = 'http://www.w3.org/2001/10/xml-exc-c14n#'

const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)

const instant = (millis: number): string => new Date(millis).toISOString().replace(/\.\d+/, '')

/** RSA with a self-signed certificate, by openssl. */
export function newSigner(commonName: string): Signer {
  return inFolder((file) => {
    const subject = ['-subj', `/CN=${commonName}`, '-days', '30', '-nodes']
    const out = ['-keyout', file('key.pem'), '-out', file('cert.pem')]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...subject, ...out], { stdio: 'pipe' })
    return { cert: readFileSync(file('cert.pem'), 'utf8'), key: readFileSync(file('key.pem'), 'utf8') }
  })
}

function inFolder<Result>(work: (file: (name: string) => string) => Result): Result {
  const folder = temporaryFolder('saml')
  return work((name) => join(folder, name))
}

const signatureTemplate = (id: string): string =>
  `<ds:Signature xmlns:ds="${dsig}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${c14n}"/>` +
  '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>' +
  `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${dsig}enveloped-signature"/>` +
  `<ds:Transform Algorithm="${c14n}"/></ds:Transforms>` +
  '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>' +
  '</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>'

/** An assertion, with a signature that is still empty where `signature` says so. */
function assertionText({ attributes = {}, ...wish }: AssertionWish, signature: (id: string) => string): string {
  const { id = `_${randomUUID()}`, until = Date.now() + 300_000, issuer, user, audience, recipient } = wish
  const statements = Object.entries(attributes).map(
    ([name, values]) =>
      `<saml:Attribute Name="${escaped(name)}">${values
        .map((value) => `<saml:AttributeValue>${escaped(value)}</saml:AttributeValue>`)
        .join('')}</saml:Attribute>`,
  )
  const now = Math.min(Date.now(), until)
  return [
    `<saml:Assertion xmlns:saml="${saml}" ID="${id}" Version="2.0" IssueInstant="${instant(now)}">`,
    `<saml:Issuer>${escaped(issuer)}</saml:Issuer>${signature(id)}<saml:Subject>`,
    `<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${escaped(user)}</saml:NameID>`,
    '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">',
    `<saml:SubjectConfirmationData NotOnOrAfter="${instant(until)}" Recipient="${escaped(recipient)}"/>`,
    '</saml:SubjectConfirmation></saml:Subject>',
    `<saml:Conditions NotBefore="${instant(now - 60_000)}" NotOnOrAfter="${instant(until)}">`,
    `<saml:AudienceRestriction><saml:Audience>${escaped(audience)}</saml:Audience></saml:AudienceRestriction>`,
    `</saml:Conditions><saml:AuthnStatement AuthnInstant="${instant(now)}"><saml:AuthnContext>`,
    '<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    '</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>',
    ...(statements.length > 0 ? [`<saml:AttributeStatement>${statements.join('')}</saml:AttributeStatement>`] : []),
    '</saml:Assertion>',
  ].join('')
}

const idAttribute = ['--id-attr:ID', `${saml}:Assertion`]

/** Signed by the command `xmlsec1`. */
export function signByXmlsec(wish: AssertionWish, { cert, key }: Signer): string {
  return inFolder((file) => {
    writeFileSync(file('key.pem'), key)
    writeFileSync(file('cert.pem'), cert)
    writeFileSync(file('in.xml'), assertionText(wish, signatureTemplate))
    const pair = ['--privkey-pem', `${file('key.pem')},${file('cert.pem')}`]
    execFileSync('xmlsec1', ['--sign', ...pair, ...idAttribute, '--output', file('out.xml'), file('in.xml')], {
      stdio: 'pipe',
    })
    return readFileSync(file('out.xml'), 'utf8')
  })
}

/** Whether `xmlsec1` finds that the holder of this certificate signed it. */
export function verifyByXmlsec(assertion: string, cert: string): boolean {
  return inFolder((file) => {
    writeFileSync(file('cert.pem'), cert)
    writeFileSync(file('in.xml'), assertion)
    try {
      execFileSync('xmlsec1', ['--verify', '--pubkey-cert-pem', file('cert.pem'), ...idAttribute, file('in.xml')], {
        stdio: 'pipe',
      })
      return true
    } catch {
      return false
    }
  })
}

const pythonProgram = `
import json, sys
from saml2 import saml, samlp, sigver, time_util
from saml2.saml import *
from saml2.sigver import SecurityContext, CryptoBackendXmlSec1, pre_signature_part, RSACrypto
from saml2.xmldsig import SIG_RSA_SHA256, DIGEST_SHA256
w = json.load(sys.stdin)
a = Assertion(id=w['id'], version='2.0', issue_instant=w['now'],
  issuer=Issuer(text=w['issuer']),
  subject=Subject(name_id=NameID(format=NAMEID_FORMAT_UNSPECIFIED, text=w['user']),
    subject_confirmation=[SubjectConfirmation(method=SCM_BEARER,
      subject_confirmation_data=SubjectConfirmationData(recipient=w['recipient'], not_on_or_after=w['until']))]),
  conditions=Conditions(not_before=w['from'], not_on_or_after=w['until'],
    audience_restriction=[AudienceRestriction(audience=[Audience(text=w['audience'])])]),
  authn_statement=[AuthnStatement(authn_instant=w['now'],
    authn_context=AuthnContext(authn_context_class_ref=AuthnContextClassRef(text='urn:oasis:names:tc:SAML:2.0:ac:classes:X509')))])
if w['attributes']:
  a.attribute_statement = [AttributeStatement(attribute=[
    Attribute(name=n, name_format=NAME_FORMAT_BASIC, attribute_value=[AttributeValue(text=v) for v in vs])
    for n, vs in w['attributes'].items()])]
a.signature = pre_signature_part(a.id, public_key=open(w['cert']).read(), identifier=1,
  sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256)
backend = CryptoBackendXmlSec1(w['xmlsec'])
print(backend.sign_statement(str(a), 'urn:oasis:names:tc:SAML:2.0:assertion:Assertion', w['key'], a.id), end='')
`

/** Made and signed by Debian's python3-pysaml2. */
export function signByPysaml(wish: AssertionWish, { cert, key }: Signer): string {
  return inFolder((file) => {
    writeFileSync(file('key.pem'), key)
    // It wants the certificate without its frame.
    writeFileSync(file('cert.pem'), cert.replaceAll(/-----[^-]+-----|\s/g, ''))
    const { until = Date.now() + 300_000, id = `_${randomUUID()}`, attributes = {} } = wish
    const input = JSON.stringify({
      ...wish,
      id,
      attributes,
      now: instant(Date.now()),
      from: instant(Date.now() - 60_000),
      until: instant(until),
      key: file('key.pem'),
      cert: file('cert.pem'),
      xmlsec: execFileSync('which', ['xmlsec1']).toString().trim(),
    })
    return execFileSync('/usr/bin/python3', ['-c', pythonProgram], { input, stdio: 'pipe' }).toString()
  })
}

/** Made and signed by the npm package samlify: the assertion in the response that its identity provider answers. */
export async function signBySamlify(wish: AssertionWish, { cert, key }: Signer): Promise<string> {
  const { IdentityProvider, ServiceProvider, SamlLib } = await import('samlify')
  const { id = `_${randomUUID()}`, until = Date.now() + 300_000, issuer, user, audience, recipient } = wish
  const attributes = Object.entries(wish.attributes ?? {}).map(([name, [value = '']]) => ({
    name,
    nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
    valueXsiType: 'xs:string',
    valueTag: name.replaceAll(/\W/g, '_'),
    value,
  }))
  const identityProvider = IdentityProvider({
    entityID: issuer,
    privateKey: key,
    signingCert: cert,
    requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    singleSignOnService: [
      { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: 'https://idp.example/sso' },
    ],
    singleLogoutService: [
      { Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: 'https://idp.example/slo' },
    ],
    // Nobody asked for it, so it is the answer to nothing.
    loginResponseTemplate: {
      context: SamlLib.defaultLoginResponseTemplate.context.replaceAll(' InResponseTo="{InResponseTo}"', ''),
      attributes,
    },
  })
  const serviceProvider = ServiceProvider({
    entityID: audience,
    wantAssertionsSigned: true,
    assertionConsumerService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', Location: recipient }],
  })
  const fill = (template: string) => {
    const values: Record<string, string> = {
      ID: `_${randomUUID()}`,
      AssertionID: id,
      Destination: recipient,
      Audience: audience,
      SubjectRecipient: recipient,
      AssertionConsumerServiceURL: recipient,
      NameIDFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
      NameID: user,
      Issuer: issuer,
      IssueInstant: instant(Date.now()),
      ConditionsNotBefore: instant(Date.now() - 60_000),
      ConditionsNotOnOrAfter: instant(until),
      SubjectConfirmationDataNotOnOrAfter: instant(until),
      StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
      EntityID: audience,
      AuthnStatement: '',
    }
    for (const { valueTag, value } of attributes)
      values[`attr${valueTag.charAt(0).toUpperCase()}${valueTag.slice(1)}`] = value
    return { id: values['ID'] ?? '', context: SamlLib.replaceTagsByValue(template, values) }
  }
  const { context } = await identityProvider.createLoginResponse(serviceProvider, { extract: {} }, 'post', {}, fill)
  const response = Buffer.from(context, 'base64').toString()
  return /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(response)?.[0] ?? ''
}
