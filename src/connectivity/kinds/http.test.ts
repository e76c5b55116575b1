import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { describe, it } from 'node:test'

import { contextWith, listening, plainServer, runTest, testAuthority } from '../../../test/kit/connectivity.ts'

const ca = await testAuthority()
const { chain: cert, key } = await ca.server()
const password = 'web-geheim-1'
const context = contextWith({
  trusted: () => Promise.resolve([ca.anchor]),
  userCredential: () => Promise.resolve({ user: 'anna', password }),
})
const web = (answer: RequestListener) => listening(createTlsServer({ cert, key }, answer))

describe('the HTTP test', () => {
  it('shows status and headers, and logs on', async () => {
    await using server = await web(({ headers, method, url }, answer) => {
      const right = headers.authorization === `Basic ${Buffer.from(`anna:${password}`).toString('base64')}`
      answer.writeHead(right ? 200 : 401, { server: `${method} ${url}`, 'content-type': 'text/plain' }).end('hello')
    })
    const inputs = { url: `https://localhost:${server.port}/a?b=c`, credentialName: 'x' }
    const result = await runTest('http', { ...inputs, authentication: 'basic' }, context)
    assert.equal(result.problem, undefined)
    assert.deepEqual([result.facts['status'], result.facts['server'], result.facts['bytes']], [200, 'GET /a?b=c', 5])
    assert.equal(result.certificates.length, 2)
    const refused = await runTest('http', inputs, context)
    assert.equal(refused.problem?.code, 'connectivity.httpStatus')
    assert.match(refused.problem.remedy, /Check credential/)
    assert.equal(
      (await runTest('http', { ...inputs, method: 'HEAD', authentication: 'basic' }, context)).facts['bytes'],
      0,
    )
  })

  it('shows where a redirect leads and does not go there', async () => {
    let calls = 0
    await using server = await web((_, answer) => {
      calls++
      answer.writeHead(302, { location: `http://169.254.169.254/latest` }).end()
    })
    const result = await runTest('http', { url: `https://localhost:${server.port}` }, context)
    assert.equal(result.facts['location'], 'http://169.254.169.254/latest')
    assert.equal(calls, 1)
  })

  it('knows the pages by which servers demand a client certificate', async () => {
    await using server = await listening(
      createServer((_, answer) => answer.writeHead(400).end('<center>No required SSL certificate was sent</center>')),
    )
    const result = await runTest('http', { url: `http://localhost:${server.port}/` }, context)
    assert.equal(result.problem?.code, 'connectivity.clientCertificateRequired')
  })

  it('shows no password that the server repeats', async () => {
    await using server = await web(({ headers }, answer) =>
      answer.writeHead(500, { 'www-authenticate': `${headers.authorization} ${password}` }).end(),
    )
    const inputs = { url: `https://localhost:${server.port}/`, authentication: 'basic', credentialName: 'x' }
    const result = await runTest('http', inputs, context)
    const text = JSON.stringify(result)
    assert.ok(text.includes('***'))
    assert.ok(!text.includes(password) && !text.includes(Buffer.from(`anna:${password}`).toString('base64')))
  })

  it('names a server that speaks no HTTP, and an answer that never ends', async () => {
    await using other = await plainServer((socket) => socket.end('220 smtp\r\n'))
    const wrong = await runTest('http', { url: `http://localhost:${other.port}/` }, context)
    assert.equal(wrong.problem?.code, 'connectivity.protocolUnexpected')
    await using endless = await web((_, answer) => {
      const more = (): void => void (answer.destroyed || (answer.write(Buffer.alloc(65_536)), setImmediate(more)))
      more()
    })
    const large = await runTest('http', { url: `https://localhost:${endless.port}/` }, context)
    assert.equal(large.problem?.code, 'connectivity.answerTooLarge')
  })

  it('takes no address with a user, another scheme or a line end', async () => {
    for (const url of ['https://u:p@localhost/', 'ftp://localhost/', 'localhost', 'https://a/\r\nX: y', ''])
      await assert.rejects(runTest('http', { url }, context), /url/, url)
  })
})

describe('the OpenID Connect test', () => {
  const issuerAt = (
    change: (document: Record<string, unknown>) => object,
    keys: unknown = { keys: [{ kid: '1', kty: 'RSA' }] },
  ) => {
    let port = 0
    const starting = web(({ url }, answer) => {
      const issuer = `https://localhost:${port}/tenant`
      const document = {
        issuer,
        jwks_uri: `https://localhost:${port}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      }
      if (url === '/tenant/.well-known/openid-configuration') answer.end(JSON.stringify(change(document)))
      else if (url === '/keys') answer.end(typeof keys === 'string' ? keys : JSON.stringify(keys))
      else answer.writeHead(404).end()
    })
    return starting.then((server) => {
      port = server.port
      return {
        server,
        issuer: `https://localhost:${port}/tenant`,
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      }
    })
  }

  it('reads document and keys', async () => {
    await using at = await issuerAt((document) => document)
    const result = await runTest('oidc', { issuer: at.issuer }, context)
    assert.equal(result.problem, undefined)
    assert.deepEqual(result.facts['keys'], ['1 RSA'])
    assert.equal(result.certificates.length, 2)
  })

  const failures: readonly (readonly [
    string,
    (document: Record<string, unknown>) => object,
    unknown,
    string,
    RegExp,
  ])[] = [
    [
      'an issuer that names itself otherwise',
      (d) => ({ ...d, issuer: 'https://evil.example' }),
      undefined,
      'issuerMismatch',
      /evil\.example/,
    ],
    [
      'a document that lacks members',
      ({ issuer }) => ({ issuer }),
      undefined,
      'documentInvalid',
      /lacks jwks_uri, response_types/,
    ],
    ['a document that is a list', () => [], undefined, 'documentInvalid', /not a JSON object/],
    ['no keys', (d) => d, { keys: [] }, 'documentInvalid', /holds no key/],
    ['keys that are no JSON', (d) => d, '<html>', 'documentInvalid', /keys is not a set of keys/],
    [
      'keys at an address that may not be reached',
      (d) => ({ ...d, jwks_uri: 'https://169.254.169.254/' }),
      undefined,
      'addressNotPermitted',
      /credentials/,
    ],
    ['keys in a file', (d) => ({ ...d, jwks_uri: 'file:///etc/passwd' }), undefined, 'documentInvalid', /no address/],
  ]
  for (const [what, change, keys, code, reason] of failures)
    it(`names ${what}`, async () => {
      await using at = await issuerAt(change, keys)
      const result = await runTest('oidc', { issuer: at.issuer }, context)
      assert.equal(result.problem?.code, `connectivity.${code}`, JSON.stringify(result.problem))
      assert.match(result.problem.reason, reason)
    })
})

describe('the SAML metadata test', () => {
  const base64 = ca.certificate.replaceAll(/-----.*-----|\s/g, '')
  const document = (attributes: string, certificate = base64) => `<?xml version="1.0"?>
    <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example" ${attributes}>
      <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
        <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
          <ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
        <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/sso"/>
      </md:IDPSSODescriptor>
    </md:EntityDescriptor>`
  const ask = async (content: string) => {
    await using server = await web((_, answer) => answer.end(content))
    return await runTest('saml', { url: `https://localhost:${server.port}/metadata` }, context)
  }

  it('shows entities, endpoints and signing certificates', async () => {
    const { facts, problem } = await ask(document('validUntil="2999-01-01T00:00:00Z"'))
    assert.equal(problem, undefined)
    assert.deepEqual(facts['entities'], ['https://idp.example'])
    assert.deepEqual(facts['roles'], ['IDPSSODescriptor'])
    assert.deepEqual(facts['endpoints'], ['SingleSignOnService HTTP-POST https://idp.example/sso'])
    assert.match(String(facts['signingCertificates']), /^CN=Test CA/)
  })

  const failures: readonly (readonly [string, string, string])[] = [
    ['metadata that have expired', document('validUntil="2001-01-01T00:00:00Z"'), 'metadataExpired'],
    ['another document', '<html/>', 'documentInvalid'],
    ['no XML', 'hello', 'documentInvalid'],
    ['nothing', '', 'documentInvalid'],
    ['a damaged certificate', document('', 'AAAA'), 'documentInvalid'],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'documentInvalid'],
  ]
  for (const [what, content, code] of failures)
    it(`names ${what}`, async () => {
      const result = await ask(content)
      assert.equal(result.problem?.code, `connectivity.${code}`)
      assert.ok(!JSON.stringify(result).includes('root:'))
    })
})
