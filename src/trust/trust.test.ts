import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { rootCertificates } from 'node:tls'

import { ca, codeOf, leaf, root, trusted, validate } from '../../test/kit/trust.ts'
import { silentLog, systemClock } from '../base/index.ts'
import { createBuiltInCa, openBuiltInCa, readCertificates } from '../keystore/index.ts'
import {
  type Made,
  alternativeNames,
  day,
  generalNames,
  make,
  nameConstraints,
  newKeys,
  noon,
  serverAuth,
} from './certificate-maker.ts'
import { parseCertificate } from './certificate.ts'
import { pathsOf } from './path.ts'
import { type Verdict, createTrust } from './trust.ts'

it('a certificate made by the built-in CA, with other software than these tests use, is read', async () => {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Built-in' })
  const issuer = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  const issued = await issuer.issueClient({ commonName: 'me', days: 1, keySize: 2048 })
  const [certificate, authority] = readCertificates(issued.chain) as [X509Certificate, X509Certificate]
  const trust = createTrust({ clock: systemClock, log: silentLog })
  trust.set({ ...trusted, anchors: [{ kind: 'ca', certificate: authority }] })
  const verdict = await trust.validate(certificate, [])
  assert.ok(verdict.trusted)
  assert.deepEqual(verdict.chain, [certificate, authority])
  assert.equal(verdict.until, certificate.validToDate.getTime() + 999)
})

describe('bounds', () => {
  const issuers = Array.from({ length: 60 }, () => make({ subject: 'Same', issuer: root, authority: true }).x509)

  it('ten thousand candidates of one name cost no more than a few milliseconds', () => {
    const bomb = Array.from({ length: 10_000 }, (_, at) => issuers[at % issuers.length] as X509Certificate)
    const victim = make({ subject: 'leaf', issuer: make({ subject: 'Same', authority: true }) })
    const trust = createTrust({ clock: { now: () => noon, monotonic: () => 0 }, log: silentLog })
    trust.set({ ...trusted, anchors: [{ kind: 'ca', certificate: root.x509 }] })
    const begin = performance.now()
    const verdict = trust.validate(victim.x509, bomb)
    assert.ok(performance.now() - begin < 500)
    assert.ok(!(verdict instanceof Promise) && !verdict.trusted)
    assert.match(verdict.failure.code, /tooComplex|signatureInvalid/)
  })

  it('no more than 60 signatures are checked', () => {
    const wanted = parseCertificate(make({ subject: 'leaf', issuer: make({ subject: 'Same' }) }).x509)
    const parsed = issuers.concat(issuers).map((x509) => ({ ...parseCertificate(x509) }))
    const distinct = parsed.map((ca, at) => ({ ...ca, fingerprint: `${at}` }))
    let checked = 0
    const paths = pathsOf(
      wanted,
      {
        named: () => distinct,
        isAnchor: () => false,
        unreadable: () => undefined,
        signed: () => {
          checked++
          return false
        },
      },
      { now: noon, minimumRsaBits: 2048, profile: 'client' },
    )
    assert.equal(paths.next().done, true)
    assert.equal(checked, 60)
  })

  it('CAs that all signed each other end, too', () => {
    const keys = Array.from({ length: 8 }, () => newKeys())
    const selves = keys.map((pair, at) => make({ subject: `M${at}`, authority: true, keys: pair }))
    const mesh = selves.flatMap((issuer, by) =>
      keys.flatMap((pair, at) => (at === by ? [] : [make({ subject: `M${at}`, authority: true, keys: pair, issuer })])),
    )
    const begin = performance.now()
    assert.equal(codeOf(validate(make({ subject: 'leaf', issuer: selves[0] as Made }), mesh)), 'tooComplex')
    assert.ok(performance.now() - begin < 500)
  })

  it('a thousand names under a thousand constraints are not compared', () => {
    const names = Array.from({ length: 1000 }, (_, at) => generalNames.dns(`n${at}.example`))
    const narrow = make({ subject: 'Narrow', issuer: root, authority: true, extensions: [nameConstraints(names)] })
    const wide = make({ subject: 'leaf', issuer: narrow, extensions: [alternativeNames(...names)] })
    assert.equal(codeOf(validate(wide, [narrow])), 'tooComplex')
  })
})

describe('what is trusted', () => {
  const at = { now: noon }
  const open = () => createTrust({ clock: { now: () => at.now, monotonic: () => 0 }, log: silentLog })
  const anchored = { ...trusted, anchors: [{ kind: 'ca', certificate: root.x509 }] } as const

  it('is nothing at first', () => {
    assert.equal(codeOf(open().validate(leaf.x509, [ca.x509]) as Verdict), 'issuerMissing')
  })

  it('changes at once, and remembered verdicts with it', () => {
    const trust = open()
    trust.set(anchored)
    const { revision } = trust
    assert.equal(codeOf(trust.validate(leaf.x509, [ca.x509]) as Verdict), 'trusted')
    trust.set(trusted)
    assert.ok(trust.revision > revision)
    assert.notEqual(codeOf(trust.validate(leaf.x509, [ca.x509]) as Verdict), 'trusted')
  })

  it('stays when a CRL is unreadable', () => {
    const trust = open()
    trust.set(anchored)
    const { revision } = trust
    assert.throws(() => trust.set({ ...trusted, crls: [Buffer.from('no CRL')] }), { code: 'trust.crlUnreadable' })
    assert.equal(trust.revision, revision)
    assert.equal(codeOf(trust.validate(leaf.x509, [ca.x509]) as Verdict), 'trusted')
  })

  it('a verdict ends with the first certificate of the path, remembered or not, and begins with the last', () => {
    const trust = open()
    trust.set(anchored)
    const short = make({ subject: 'Short', issuer: root, authority: true, to: noon + 5000 })
    const under = make({ subject: 'leaf', issuer: short })
    const verdict = trust.validate(under.x509, [short.x509]) as Verdict
    assert.ok(verdict.trusted)
    assert.equal(verdict.until, noon + 5999)
    for (const [now, code] of [
      [noon + 5999, 'trusted'],
      [noon + 6000, 'intermediateExpired'],
      [noon - 31 * day, 'notYetValid'],
    ] as const) {
      at.now = now
      assert.equal(codeOf(trust.validate(under.x509, [short.x509]) as Verdict), code)
    }
    at.now = noon
  })

  it('an intermediate seen in a valid path is known to the next client, one from a refused handshake is not', async () => {
    const trust = open()
    trust.set(anchored)
    const second = make({ subject: 'second', issuer: ca })
    await trust.validate(make({ subject: 'bad', issuer: ca, to: noon - day }).x509, [ca.x509])
    assert.equal(codeOf(trust.validate(second.x509, []) as Verdict), 'issuerMissing')
    await trust.validate(leaf.x509, [ca.x509])
    assert.equal(codeOf(trust.validate(second.x509, []) as Verdict), 'trusted')
  })

  it('a verdict for servers is none for clients', () => {
    const trust = open()
    trust.set(anchored)
    const server = make({ subject: 'server', issuer: root, extendedKeyUsage: [serverAuth] })
    assert.equal(codeOf(trust.validate(server.x509, [], 'server') as Verdict), 'trusted')
    assert.equal(codeOf(trust.validate(server.x509, [], 'client') as Verdict), 'notForClients')
    assert.equal(codeOf(trust.validate(leaf.x509, [ca.x509], 'server') as Verdict), 'notForPurpose')
  })

  it('the public roots count only when that is said', () => {
    const trust = open()
    const [publicRoot] = rootCertificates
    const known = new X509Certificate(publicRoot ?? '')
    const forged = make({ subject: 'leaf', issuer: { ...ca, subject: subjectOf(known) } })
    trust.set(trusted)
    assert.equal(codeOf(trust.validate(forged.x509, []) as Verdict), 'issuerMissing')
    trust.set({ ...trusted, publicRoots: true })
    // The root is found now, and did not sign this.
    assert.equal(codeOf(trust.validate(forged.x509, []) as Verdict), 'signatureInvalid')
  })
})

/** The subject in the DER of a root of version 3. */
function subjectOf(certificate: X509Certificate): Buffer {
  let at = certificate.raw.indexOf(0xa0, 4)
  const skip = () => {
    const first = certificate.raw[at + 1] ?? 0
    const octets = first < 0x80 ? 0 : first & 0x7f
    at += 2 + octets + (octets === 0 ? first : certificate.raw.readUIntBE(at + 2, octets))
  }
  for (let field = 0; field < 5; field++) skip()
  const begin = at
  skip()
  return certificate.raw.subarray(begin, at)
}
