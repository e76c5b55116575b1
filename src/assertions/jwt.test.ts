import assert from 'node:assert/strict'
import { createHmac, X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'

import * as fc from 'fast-check'

import {
  minute,
  newSigner,
  noon,
  outcomeOf,
  storedCertificate,
  testAudience,
  testProvider,
  testReader,
  type TestSigner,
} from '../../test/kit/assertions.ts'
import type { IdentityProvider } from '../identity/index.ts'
import { makeJwtAssertion } from './make-jwt-assertion.ts'
import { signatureOf } from './signature-algorithms.ts'

const second = noon / 1000
const claims = {
  iss: 'https://idp.example',
  sub: 'alice',
  aud: 'https://sluice.example',
  exp: second + 300,
  iat: second,
  jti: 'j1',
}
const part = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url')

describe('a JWT assertion', () => {
  const signers: Record<string, TestSigner> = {}
  let provider: IdentityProvider
  const signerOf = (name: string): TestSigner => signers[name] ?? assert.fail(name)
  const jwkOf = (name: string, more: object = {}) => ({
    ...signerOf(name).publicKey.export({ format: 'jwk' }),
    kid: name,
    ...more,
  })
  const answer = (token: string, given: Partial<IdentityProvider> = {}, now = noon) =>
    testReader({ ...provider, ...given }, { now }).jwt(token, testAudience)
  const read = async (...given: Parameters<typeof answer>): Promise<string> => outcomeOf(await answer(...given))
  const made = (given: object = {}, header: object = {}, by = 'ES256', signer = 'P-256'): string => {
    const signed = `${part(JSON.stringify({ alg: by, typ: 'JWT', kid: 'P-256', ...header }))}.${part(JSON.stringify({ ...claims, ...given }))}`
    return `${signed}.${part(signatureOf(by, signerOf(signer).privateKey, Buffer.from(signed)))}`
  }
  const raw = (header: string, payload: string): string => {
    const signed = `${part(header)}.${part(payload)}`
    return `${signed}.${part(signatureOf('ES256', signerOf('P-256').privateKey, Buffer.from(signed)))}`
  }
  const head = '{"alg":"ES256","kid":"P-256"}'

  before(async () => {
    for (const kind of ['rsa', 'P-256', 'P-384', 'P-521', 'ed25519', 'rsa1024'] as const)
      signers[kind] = await newSigner(kind)
    signers['other'] = await newSigner('P-256')
    provider = testProvider({ jwks: [jwkOf('P-256'), jwkOf('rsa')] })
  })

  const kinds: [string, string][] = [
    ['RS256', 'rsa'],
    ['RS384', 'rsa'],
    ['RS512', 'rsa'],
    ['PS256', 'rsa'],
    ['PS384', 'rsa'],
    ['PS512', 'rsa'],
    ['ES256', 'P-256'],
    ['ES384', 'P-384'],
    ['ES512', 'P-521'],
    ['EdDSA', 'ed25519'],
  ]
  for (const [by, kind] of kinds) {
    it(`counts by ${by} where the provider may use it, and only there`, async () => {
      const token = makeJwtAssertion(claims, { privateKey: signerOf(kind).privateKey, kid: kind }, by)
      const jwks = [jwkOf(kind)]
      assert.equal(await read(token, { jwks, algorithms: [by] }), 'user alice')
      const others = kinds.map(([name]) => name).filter((name) => name !== by)
      assert.equal(await read(token, { jwks, algorithms: others }), 'jwt.algorithm')
    })
  }

  it('is the user, what is known of it, who acted, and until when', async () => {
    const more = {
      email: 'a@b',
      level: 3,
      admin: true,
      groups: ['g1', 'g2', { x: 1 }],
      address: { city: 'x' },
      act: { sub: 'portal', act: { sub: 'app' } },
    }
    const found = await answer(made(more), {
      attributes: [{ from: '*', to: '*' }],
      groupRules: [{ group: 'G', attribute: 'groups', operator: 'equals', value: 'g2' }],
    })
    assert.deepEqual(found, {
      user: 'alice',
      issuer: 'https://idp.example',
      id: 'j1',
      attributes: { sub: 'alice', email: 'a@b', level: '3', admin: 'true', groups: 'g1,g2' },
      groups: ['G'],
      until: noon + 300_000,
      actors: ['portal', 'app'],
    })
  })

  const rightly: [string, () => string, ((() => Partial<IdentityProvider>) | undefined)?, number?][] = [
    ['a list of audiences', () => made({ aud: ['x', 'https://sluice.example'] })],
    ['the token endpoint as audience', () => made({ aud: 'https://sluice.example/oauth/token' })],
    ['an audience of the provider', () => made({ aud: 'x' }), () => ({ audiences: ['x'] })],
    ['no typ', () => made({}, { typ: undefined })],
    ['typ in lower case', () => made({}, { typ: 'jwt' })],
    ['typ of a grant', () => made({}, { typ: 'authorization-grant+jwt' })],
    ['no kid', () => made({}, { kid: undefined })],
    ['no iat', () => made({ iat: undefined })],
    ['times with fractions', () => made({ exp: second + 1.5, iat: second - 0.5 })],
    ['an end that is over by less than the skew', () => made(), undefined, noon + 300_000 + 59_000],
    [
      'a certificate',
      () => made({}, { kid: 'any' }),
      () => ({ jwks: [], certificates: [storedCertificate(signerOf('P-256').certificate)] }),
    ],
    [
      'the fingerprint of a certificate',
      () =>
        made(
          {},
          {
            kid: undefined,
            'x5t#S256': Buffer.from(
              new X509Certificate(signerOf('P-256').certificate).fingerprint256.replaceAll(':', ''),
              'hex',
            ).toString('base64url'),
          },
        ),
      () => ({ certificates: [storedCertificate(signerOf('P-256').certificate)] }),
    ],
    [
      'the user id as a claim',
      () => made({ sub: 'x', email: 'alice' }),
      () => ({ userId: { source: 'attribute', attribute: 'email' } }),
    ],
    [
      'keys that say what they are for',
      () => made(),
      () => ({ jwks: [jwkOf('P-256', { use: 'sig', alg: 'ES256', key_ops: ['verify'] })] }),
    ],
  ]
  for (const [what, token, given, now] of rightly)
    it(`counts with ${what}`, async () => assert.equal(await read(token(), given?.(), now), 'user alice'))

  const swapped = (token: string, at: number, change: (text: string) => string): string =>
    token
      .split('.')
      .map((text, index) => (index === at ? change(text) : text))
      .join('.')
  const badly: [string, string, () => string, (() => Partial<IdentityProvider>)?, number?][] = [
    ['nothing', 'jwt.form', () => ''],
    ['one part', 'jwt.form', () => 'abc'],
    ['two parts', 'jwt.form', () => made().split('.').slice(0, 2).join('.')],
    ['four parts', 'jwt.form', () => `${made()}.abcd`],
    ['an empty signature', 'jwt.form', () => swapped(made(), 2, () => '')],
    ['padding', 'jwt.form', () => swapped(made(), 0, (text) => `${text}==`)],
    ['plain base64', 'jwt.form', () => swapped(made(), 2, (text) => `+/${text.slice(2)}`)],
    [
      'bits that decode to nothing',
      'jwt.form',
      () => swapped(made(), 2, (text) => `${text.slice(0, -1)}${text.endsWith('B') ? 'C' : 'B'}`),
    ],
    ['a blank before it', 'jwt.form', () => ` ${made()}`],
    ['a line end after it', 'jwt.form', () => `${made()}\n`],
    ['Bearer before it', 'jwt.form', () => `Bearer ${made()}`],
    ['five parts', 'jwt.encrypted', () => 'a.b.c.d.e'],
    ['100 KB', 'jwt.size', () => made({ x: 'x'.repeat(100_000) })],
    ['a header that is no JSON', 'jwt.header', () => raw('{', '{}')],
    ['a header that is a list', 'jwt.header', () => raw('[]', '{}')],
    ['a header that is null', 'jwt.header', () => raw('null', '{}')],
    ['alg twice', 'jwt.header', () => raw('{"alg":"ES256","alg":"none"}', JSON.stringify(claims))],
    ['alg twice, once escaped', 'jwt.header', () => raw('{"alg":"ES256","\\u0061lg":"none"}', JSON.stringify(claims))],
    ['a header that is no UTF-8', 'jwt.header', () => `${part(Buffer.from([0xff]))}.${part('{}')}.AAAA`],
    ['claims that are no JSON', 'jwt.claims', () => raw(head, 'x')],
    ['claims that are a text', 'jwt.claims', () => raw(head, '"x"')],
    ['sub twice', 'jwt.claims', () => raw(head, `{"sub":"admin",${JSON.stringify(claims).slice(1)}`)],
    [
      'a member of a claim twice',
      'jwt.claims',
      () => raw(head, `{"x":[{"a":1,"a":2}],${JSON.stringify(claims).slice(1)}`),
    ],
    ['claims of a hundred levels', 'jwt.claims', () => raw(head, `{"x":${'['.repeat(100)}${']'.repeat(100)}}`)],
    ['an access token', 'jwt.type', () => made({}, { typ: 'at+jwt' })],
    ['an access token by its long type', 'jwt.type', () => made({}, { typ: 'application/at+jwt' })],
    ['a log-out token', 'jwt.type', () => made({}, { typ: 'logout+jwt' })],
    ['a proof of possession', 'jwt.type', () => made({}, { typ: 'dpop+jwt' })],
    ['a typ that is a number', 'jwt.type', () => made({}, { typ: 1 })],
    ['crit', 'jwt.critical', () => made({}, { crit: ['exp'], exp: 1 })],
    ['crit for b64', 'jwt.critical', () => made({}, { crit: ['b64'], b64: false })],
    ['an empty crit', 'jwt.critical', () => made({}, { crit: [] })],
    ['jku', 'jwt.keyInHeader', () => made({}, { jku: 'https://evil.example/jwks' })],
    ['x5u', 'jwt.keyInHeader', () => made({}, { x5u: 'https://evil.example/c' })],
    ['jwk', 'jwt.keyInHeader', () => made({}, { jwk: jwkOf('other') }, 'ES256', 'other')],
    ['no issuer', 'jwt.issuer', () => made({ iss: undefined })],
    ['another issuer', 'jwt.issuer', () => made({ iss: 'https://other.example' })],
    ['an issuer with a slash more', 'jwt.issuer', () => made({ iss: 'https://idp.example/' })],
    ['an issuer that is a list', 'jwt.issuer', () => made({ iss: ['https://idp.example'] })],
    ['a provider that is switched off', 'jwt.provider', () => made(), () => ({ enabled: false })],
    ['a client that may not', 'jwt.client', () => made(), () => ({ clients: ['x'] })],
    ['no algorithm', 'jwt.algorithm', () => made({}, { alg: undefined })],
    ['none', 'jwt.algorithm', () => made({}, { alg: 'none' })],
    ['None', 'jwt.algorithm', () => made({}, { alg: 'None' })],
    ['the algorithm in lower case', 'jwt.algorithm', () => made({}, { alg: 'es256' })],
    ['an algorithm that is a list', 'jwt.algorithm', () => made({}, { alg: ['ES256'] })],
    [
      'HMAC with the public key as its secret',
      'jwt.algorithm',
      () => {
        const signed = `${part('{"alg":"HS256","kid":"rsa"}')}.${part(JSON.stringify(claims))}`
        const secret = signerOf('rsa').publicKey.export({ type: 'spki', format: 'pem' })
        return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
      },
    ],
    [
      'RSA with SHA-1',
      'jwt.algorithm',
      () => made({}, { alg: 'RS1' }),
      () => ({ sha1: true, algorithms: ['RS1', 'RS256'] }),
    ],
    ['a kid that nobody knows', 'jwt.key', () => made({}, { kid: 'x' })],
    ['a kid that is a path', 'jwt.key', () => made({}, { kid: '../../dev/null' })],
    ['a kid that is a number', 'jwt.key', () => made({}, { kid: 1 })],
    ['a kid of a key of another kind', 'jwt.key', () => made({}, { kid: 'rsa' })],
    ['a kid of a key for encryption', 'jwt.key', () => made(), () => ({ jwks: [jwkOf('P-256', { use: 'enc' })] })],
    ['a key for another algorithm', 'jwt.key', () => made(), () => ({ jwks: [jwkOf('P-256', { alg: 'ES384' })] })],
    ['a key that may only sign', 'jwt.key', () => made(), () => ({ jwks: [jwkOf('P-256', { key_ops: ['sign'] })] })],
    ['a secret as key', 'jwt.key', () => made(), () => ({ jwks: [{ kty: 'oct', k: 'AAAA', kid: 'P-256' }] })],
    ['a key that cannot be read', 'jwt.key', () => made(), () => ({ jwks: [{ kty: 'EC', kid: 'P-256' }] })],
    [
      'RSA with 1024 bits',
      'jwt.key',
      () => made({}, { alg: 'RS256', kid: 'rsa1024' }),
      () => ({ jwks: [jwkOf('rsa1024')] }),
    ],
    [
      'a curve that is not that of the algorithm',
      'jwt.key',
      () => made({}, { kid: 'P-384' }),
      () => ({ jwks: [jwkOf('P-384')] }),
    ],
    ['the fingerprint of no certificate', 'jwt.key', () => made({}, { 'x5t#S256': 'AAAA' })],
    ['a fingerprint that is a number', 'jwt.key', () => made({}, { 'x5t#S256': 1 })],
    ['no keys', 'jwt.key', () => made(), () => ({ jwks: [] })],
    [
      'a certificate that has ended',
      'jwt.key',
      () => made({}, { kid: 'c' }),
      () => ({ jwks: [], certificates: [storedCertificate(signerOf('P-256').certificate, { until: noon - 1 })] }),
    ],
    ['a signature by another key', 'jwt.signature', () => made({}, {}, 'ES256', 'other')],
    [
      'changed claims',
      'jwt.signature',
      () => swapped(made(), 1, () => part(JSON.stringify({ ...claims, sub: 'admin' }))),
    ],
    ['a changed header', 'jwt.signature', () => swapped(made(), 0, () => part('{"alg":"ES256","kid":"P-256","x":1}'))],
    ['a signature of zeros', 'jwt.signature', () => swapped(made(), 2, () => part(new Uint8Array(64)))],
    [
      'a signature as DER',
      'jwt.signature',
      () => swapped(made(), 2, () => part(Buffer.from('3006020101020101', 'hex'))),
    ],
    ['a signature that is cut', 'jwt.signature', () => swapped(made(), 2, (text) => text.slice(0, 40))],
    ['no subject', 'jwt.subject', () => made({ sub: undefined })],
    ['an empty subject', 'jwt.subject', () => made({ sub: '' })],
    ['a subject that is a number', 'jwt.subject', () => made({ sub: 1 })],
    ['a subject with a zero in it', 'jwt.subject', () => made({ sub: 'alice\u0000' })],
    ['a subject with a blank after it', 'jwt.subject', () => made({ sub: 'alice ' })],
    ['no audience', 'jwt.audience', () => made({ aud: undefined })],
    ['another audience', 'jwt.audience', () => made({ aud: 'https://sluice.example.evil' })],
    ['an empty list of audiences', 'jwt.audience', () => made({ aud: [] })],
    ['a list with what is no text', 'jwt.audience', () => made({ aud: ['https://sluice.example', 1] })],
    ['an audience that is an object', 'jwt.audience', () => made({ aud: { a: 'https://sluice.example' } })],
    ['no end', 'jwt.expired', () => made({ exp: undefined })],
    ['an end that is over', 'jwt.expired', () => made({ exp: second - 61 })],
    ['an end that is a text', 'jwt.expired', () => made({ exp: String(second + 300) })],
    ['an end that is no number', 'jwt.expired', () => made({ exp: null })],
    ['an end beyond all time', 'jwt.expired', () => made({ exp: 1e300 })],
    ['an end in milliseconds', 'jwt.lifetime', () => made({ exp: noon + minute })],
    ['a life of more than a day', 'jwt.lifetime', () => made({ exp: second + 86_401 })],
    ['a beginning to come', 'jwt.notBefore', () => made({ nbf: second + 61 })],
    ['a beginning that is a text', 'jwt.notBefore', () => made({ nbf: 'x' })],
    ['a time of issue to come', 'jwt.issuedAt', () => made({ iat: second + 61 })],
    ['a time of issue that is a text', 'jwt.issuedAt', () => made({ iat: 'x' })],
    ['an id that is a number', 'jwt.id', () => made({ jti: 1 })],
    ['an empty id', 'jwt.id', () => made({ jti: '' })],
    ['a long id', 'jwt.id', () => made({ jti: 'x'.repeat(257) })],
    ['an actor that is a text', 'jwt.actors', () => made({ act: 'x' })],
    ['an actor without a name', 'jwt.actors', () => made({ act: {} })],
    [
      'eleven actors',
      'jwt.actors',
      () =>
        made({ act: Array.from({ length: 11 }).reduce((act: object | undefined) => ({ sub: 'x', act }), undefined) }),
    ],
    [
      'no claim with the user id',
      'jwt.user',
      () => made(),
      () => ({ userId: { source: 'attribute', attribute: 'email' } }),
    ],
    [
      'two values for the user id',
      'jwt.user',
      () => made({ email: ['a', 'b'] }),
      () => ({ userId: { source: 'attribute', attribute: 'email' } }),
    ],
  ]
  for (const [what, check, token, given, now] of badly)
    it(`is refused for ${what}: ${check}`, async () => assert.equal(await read(token(), given?.(), now), check))

  it('counts once, with jti and without', async () => {
    const reader = testReader(provider)
    const same: [string, string, string][] = [
      [made(), made(), 'jwt.replay'],
      [made({ jti: undefined }), made({ jti: undefined }), 'jwt.replay'],
      [made({ jti: 'j2' }), made({ jti: 'j3' }), 'user alice'],
      [made({ jti: undefined, sub: 'alice', x: 1 }), made({ jti: undefined, sub: 'alice', x: 2 }), 'user alice'],
    ]
    for (const [first, then, expected] of same) {
      assert.equal(outcomeOf(await reader.jwt(first, testAudience)), 'user alice')
      assert.equal(outcomeOf(await reader.jwt(then, testAudience)), expected)
    }
  })

  it('fetches keys for a kid that is unknown, and for no other', async () => {
    let fetched = 0
    const fetchKeys = async () => {
      fetched++
      return [jwkOf('other', { kid: 'new' })]
    }
    const reader = testReader({ ...provider, jwksUri: 'https://idp.example/jwks' }, { fetchKeys })
    assert.equal(outcomeOf(await reader.jwt(made(), testAudience)), 'user alice')
    assert.equal(fetched, 0)
    assert.equal(
      outcomeOf(await reader.jwt(made({ jti: 'j2' }, { kid: 'new' }, 'ES256', 'other'), testAudience)),
      'user alice',
    )
    assert.equal(outcomeOf(await reader.jwt(made({ jti: 'j3' }, { kid: 'none' }), testAudience)), 'jwt.key')
    assert.equal(fetched, 2)
  })

  it('no change of any character makes another user', async () => {
    const token = made()
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'.split('')
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...letters), async (at, to) => {
        const outcome = await read(token.slice(0, at) + to + token.slice(at + 1))
        assert.ok(outcome.startsWith('jwt.') || outcome === 'user alice', outcome)
      }),
      { numRuns: 1000 },
    )
  })

  it('is not made by a key that does not fit', () => {
    for (const [kind, by] of [
      ['P-256', 'RS256'],
      ['rsa', 'ES256'],
      ['rsa1024', 'RS256'],
      ['P-384', 'ES256'],
      ['rsa', 'none'],
      ['rsa', 'RS1'],
      ['rsa', 'HS256'],
    ] as const)
      assert.throws(() => makeJwtAssertion(claims, { privateKey: signerOf(kind).privateKey }, by), {
        code: 'assertions.keyUnfit',
      })
  })
})
