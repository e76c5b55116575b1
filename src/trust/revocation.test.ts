import assert from 'node:assert/strict'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'

import { silentLog } from '../base/index.ts'
import {
  type Made,
  crlAt,
  day,
  extension,
  integer,
  make,
  makeCrl,
  makeOcspAnswer,
  newKeys,
  noon,
  ocspAt,
} from './certificate-maker.ts'
import { derOf, sequenceOf } from './der-writing.ts'
import { createRevocationFetch, isForbiddenAddress } from './revocation-fetch.ts'
import { type Trusted, type Verdict, createTrust } from './trust.ts'

const root = make({ subject: 'Root', authority: true })
const ca = make({ subject: 'CA', issuer: root, authority: true })
const leaf = make({ subject: 'leaf', issuer: ca })
const rootCrl = makeCrl({ issuer: root })
const clean = makeCrl({ issuer: ca })
const at = { now: noon }

function open(given: Partial<Trusted>) {
  const trust = createTrust({
    clock: { now: () => at.now, monotonic: () => 0 },
    log: silentLog,
    fetch: createRevocationFetch({ mayAskItself: true }),
  })
  const anchors = [{ kind: 'ca', certificate: root.x509 }] as const
  trust.set({ anchors, crls: [], publicRoots: false, revocation: 'hard', minimumRsaBits: 2048, ...given })
  return (certificate: Made = leaf, sent: readonly Made[] = [ca]) =>
    trust.validate(
      certificate.x509,
      sent.map(({ x509 }) => x509),
    )
}

const codeOf = (verdict: Verdict) => (verdict.trusted ? 'trusted' : verdict.failure.code)
const reasonOf = (verdict: Verdict) => (verdict.trusted ? verdict.warnings.join() : verdict.failure.reason)

describe('CRLs given by the administrator', () => {
  const issuingPoint = (...fields: readonly Buffer[]) => extension('2.5.29.28', sequenceOf(...fields), true)
  const flag = (tag: number) => derOf(tag, Buffer.of(0xff))
  const listed = [{ certificate: leaf, reason: 1 }]

  for (const [what, code, crls] of [
    ['clean', 'trusted', [rootCrl, clean]],
    ['listed', 'revoked', [rootCrl, makeCrl({ issuer: ca, revoked: listed })]],
    ['listed among others', 'revoked', [rootCrl, makeCrl({ issuer: ca, revoked: [{ certificate: root }, ...listed] })]],
    ['others listed', 'trusted', [rootCrl, makeCrl({ issuer: ca, revoked: [{ certificate: root }] })]],
    ['listed on an old one', 'revoked', [rootCrl, makeCrl({ issuer: ca, revoked: listed, to: noon - 1000 })]],
    ['listed on one of two', 'revoked', [rootCrl, clean, makeCrl({ issuer: ca, revoked: listed })]],
    ['the CA listed', 'revoked', [makeCrl({ issuer: root, revoked: [{ certificate: ca }] }), clean]],
    ['held', 'revoked', [rootCrl, makeCrl({ issuer: ca, revoked: [{ certificate: leaf, reason: 6 }] })]],
    // What `openssl ca -gencrl` makes without further settings.
    ['listed on one of version 1', 'revoked', [rootCrl, makeCrl({ issuer: ca, version: 1, revoked: listed })]],
    ['none of the CA', 'revocationUnknown', [rootCrl]],
    ['none of the root', 'revocationUnknown', [clean]],
    ['too old', 'revocationUnknown', [rootCrl, makeCrl({ issuer: ca, to: noon - 1000 })]],
    ['of tomorrow', 'revocationUnknown', [rootCrl, makeCrl({ issuer: ca, from: noon + day, to: noon + 2 * day })]],
    ['signed by another', 'revocationUnknown', [rootCrl, makeCrl({ issuer: ca, signedWith: newKeys().privateKey })]],
    [
      'listed, signed by another',
      'revocationUnknown',
      [rootCrl, makeCrl({ issuer: ca, revoked: listed, signedWith: newKeys().privateKey })],
    ],
    ['for CAs only', 'revocationUnknown', [rootCrl, makeCrl({ issuer: ca, extensions: [issuingPoint(flag(0x82))] })]],
    ['for leaves only', 'trusted', [rootCrl, makeCrl({ issuer: ca, extensions: [issuingPoint(flag(0x81))] })]],
    [
      'for a point that is not its own',
      'revocationUnknown',
      [
        rootCrl,
        makeCrl({
          issuer: ca,
          extensions: [issuingPoint(derOf(0xa0, derOf(0xa0, derOf(0x86, Buffer.from('http://x')))))],
        }),
      ],
    ],
  ] as const)
    it(`${what}: ${code}`, () => {
      const verdict = open({ crls })()
      assert.ok(!(verdict instanceof Promise))
      assert.equal(codeOf(verdict), code, reasonOf(verdict))
    })

  for (const [what, crl] of [
    ['delta', makeCrl({ issuer: ca, extensions: [extension('2.5.29.27', integer(1), true)] })],
    ['indirect', makeCrl({ issuer: ca, extensions: [issuingPoint(flag(0x84))] })],
    ['some reasons only', makeCrl({ issuer: ca, extensions: [issuingPoint(derOf(0x83, Buffer.of(6, 0x40)))] })],
    ['an unknown critical extension', makeCrl({ issuer: ca, extensions: [extension('1.2.3', integer(1), true)] })],
    ['removeFromCRL', makeCrl({ issuer: ca, revoked: [{ certificate: leaf, reason: 8 }] })],
    ['a certificate', leaf.x509.raw],
    ['cut off', clean.subarray(0, -1)],
  ] as const)
    it(`${what} is not taken`, () => assert.throws(() => open({ crls: [crl] }), { code: 'trust.crlUnreadable' }))

  it('a refusal names time and reason', () => {
    const verdict = open({ crls: [rootCrl, makeCrl({ issuer: ca, revoked: listed })] })() as Verdict
    assert.match(reasonOf(verdict), /'CN=leaf' was revoked at 2026-05-31T12:00:00Z: keyCompromise/)
  })

  it('PEM is read, and a verdict ends with the list', () => {
    const pem = `-----BEGIN X509 CRL-----\n${clean.toString('base64')}\n-----END X509 CRL-----\n`
    const verdict = open({ crls: [rootCrl, Buffer.from(pem)] })() as Verdict
    assert.equal(verdict.trusted && verdict.until, noon + day)
  })

  it('a CA that may not sign CRLs says nothing', () => {
    const mute = make({ subject: 'Mute', issuer: root, authority: true, keyUsage: [5] })
    const verdict = open({ crls: [rootCrl, makeCrl({ issuer: mute })] })(make({ subject: 'x', issuer: mute }), [mute])
    assert.equal(codeOf(verdict as Verdict), 'revocationUnknown')
  })

  it('a CRL of another name under the same key says nothing, whatever it lists', () => {
    const twin = make({ subject: 'Twin', issuer: root, authority: true, keys: ca })
    const validate = open({ crls: [rootCrl, makeCrl({ issuer: twin, revoked: listed })] })
    assert.equal(codeOf(validate() as Verdict), 'revocationUnknown')
  })

  it('soft warns where hard refuses, and still refuses what is revoked; off looks at nothing', () => {
    const soft = open({ revocation: 'soft' })() as Verdict
    assert.equal(codeOf(soft), 'trusted')
    assert.match(reasonOf(soft), /'CN=leaf' is revoked cannot be told/)
    const crls = [makeCrl({ issuer: ca, revoked: listed })]
    assert.equal(codeOf(open({ revocation: 'soft', crls })() as Verdict), 'revoked')
    assert.equal(codeOf(open({ revocation: 'off', crls })() as Verdict), 'trusted')
  })

  it('another path is taken when a CA on the first one is revoked', () => {
    const keys = newKeys()
    const [one, two] = [0, 1].map(() => make({ subject: 'Twice', issuer: root, authority: true, keys })) as [Made, Made]
    const crls = [makeCrl({ issuer: root, revoked: [{ certificate: one }] }), makeCrl({ issuer: one })]
    assert.equal(codeOf(open({ crls })(make({ subject: 'x', issuer: one }), [one, two]) as Verdict), 'trusted')
  })
})

describe('what is fetched', () => {
  let answer: (request: IncomingMessage, body: Buffer) => { status?: number; body: Buffer } | 'silence'
  const asked: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push(`${request.method} ${request.url}`)
      const given = answer(request, Buffer.concat(chunks))
      if (given !== 'silence') response.writeHead(given.status ?? 200, { location: '/list' }).end(given.body)
    })
  })
  let listing: Made
  let asking: Made

  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    listing = make({ subject: 'listing', issuer: root, extensions: [crlAt(`${base}/list`)] })
    asking = make({ subject: 'asking', issuer: root, extensions: [ocspAt(`${base}/ocsp`)] })
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => {
    asked.length = 0
    at.now = noon
  })

  it('a CRL is fetched once, kept, and fetched anew when it is over', async () => {
    answer = () => ({ body: makeCrl({ issuer: root, to: at.now + 10_000 }) })
    const validate = open({})
    const verdict = validate(listing, [])
    assert.ok(verdict instanceof Promise)
    assert.equal(codeOf(await verdict), 'trusted')
    assert.ok(!(validate(listing, []) instanceof Promise))
    at.now += 10_001
    answer = () => ({ body: makeCrl({ issuer: root, from: at.now, revoked: [{ certificate: listing }] }) })
    assert.equal(codeOf(await validate(listing, [])), 'revoked')
    assert.deepEqual(asked, ['GET /list', 'GET /list'])
  })

  it('two who ask at the same time ask once', async () => {
    answer = () => ({ body: rootCrl })
    const validate = open({})
    const verdicts = await Promise.all([validate(listing, []), validate(listing, [])])
    assert.deepEqual(verdicts.map(codeOf), ['trusted', 'trusted'])
    assert.deepEqual(asked, ['GET /list'])
  })

  for (const [what, words, given] of [
    ['an error', /status 500/, () => ({ status: 500, body: Buffer.from('no') })],
    ['a redirect, which is not followed', /status 302/, () => ({ status: 302, body: Buffer.of() })],
    ['rubbish', /neither PEM nor DER/, () => ({ body: Buffer.from('no CRL') })],
    ['too much', /more than 10000000 bytes/, () => ({ body: Buffer.alloc(10_000_001) })],
    ['one that is over', /ended at/, () => ({ body: makeCrl({ issuer: root, to: noon - 1000 }) })],
    ['one of another CA', /not signed by the issuer/, () => ({ body: clean })],
  ] as const)
    it(`${what} instead of a CRL is no answer, and is not asked for again at once`, async () => {
      answer = given
      const validate = open({})
      const verdict = await validate(listing, [])
      assert.equal(codeOf(verdict), 'revocationUnknown')
      assert.match(reasonOf(verdict), words)
      assert.ok(!(validate(listing, []) instanceof Promise))
      at.now += 60_001
      answer = () => ({ body: rootCrl })
      assert.equal(codeOf(await validate(listing, [])), 'trusted')
    })

  const delegate = make({ subject: 'Responder', issuer: root, extendedKeyUsage: ['1.3.6.1.5.5.7.3.9'] })
  for (const [what, code, wanted] of [
    ['good', 'trusted', { status: 'good' }],
    ['revoked', 'revoked', { status: 'revoked' }],
    ['unknown', 'revocationUnknown', { status: 'unknown' }],
    ['good, from a responder of the CA', 'trusted', { status: 'good', delegate }],
    [
      'good, from a client of the CA',
      'revocationUnknown',
      { status: 'good', delegate: make({ subject: 'c', issuer: root }) },
    ],
    [
      'good, from a responder of another CA',
      'revocationUnknown',
      { status: 'good', delegate: make({ subject: 'r', issuer: ca, extendedKeyUsage: ['1.3.6.1.5.5.7.3.9'] }) },
    ],
    [
      'good, from a forged responder',
      'revocationUnknown',
      {
        status: 'good',
        delegate: make({
          subject: 'r',
          issuer: root,
          signedWith: newKeys().privateKey,
          extendedKeyUsage: ['1.3.6.1.5.5.7.3.9'],
        }),
      },
    ],
    [
      'good, from a responder that expired',
      'revocationUnknown',
      {
        status: 'good',
        delegate: make({ subject: 'r', issuer: root, to: noon - day, extendedKeyUsage: ['1.3.6.1.5.5.7.3.9'] }),
      },
    ],
    ['good, an hour ago', 'revocationUnknown', { status: 'good', from: noon - day, to: noon - 3_600_000 }],
    ['good, tomorrow', 'revocationUnknown', { status: 'good', from: noon + day, to: noon + 2 * day }],
    ['good, to another question', 'revocationUnknown', { status: 'good', wrongNonce: true }],
    ['good, about another certificate', 'revocationUnknown', { status: 'good', wrongSerial: true }],
  ] as const)
    it(`a responder that says ${what}: ${code}`, async () => {
      answer = (_, request) => ({ body: makeOcspAnswer({ request, issuer: root, ...wanted }) })
      const verdict = await open({})(asking, [])
      assert.equal(codeOf(verdict), code, reasonOf(verdict))
      assert.deepEqual(asked, ['POST /ocsp'])
    })

  it('what is trusted can change while an answer is awaited: the new rules count', async () => {
    const trust = createTrust({
      clock: { now: () => noon, monotonic: () => 0 },
      log: silentLog,
      fetch: createRevocationFetch({ mayAskItself: true }),
    })
    const rules = { crls: [], publicRoots: false, revocation: 'hard', minimumRsaBits: 2048 } as const
    trust.set({ ...rules, anchors: [{ kind: 'ca', certificate: root.x509 }] })
    answer = () => ({ body: rootCrl })
    const verdict = trust.validate(listing.x509, [])
    trust.set({ ...rules, anchors: [] })
    assert.equal(codeOf(await verdict), 'issuerMissing')
  })

  it('this machine is not asked unless that is allowed', async () => {
    const fetch = createRevocationFetch()
    const { port } = server.address() as AddressInfo
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '169.254.169.254', '2130706433', '[::ffff:127.0.0.1]'])
      await assert.rejects(fetch({ url: `http://${host}:${port}/list`, limit: 1000 }), /address of this machine/, host)
    await assert.rejects(fetch({ url: 'https://ca.example/', limit: 1000 }), /only http/)
    assert.deepEqual(asked, [])
    assert.equal(isForbiddenAddress('192.0.2.1'), false)
  })
})
