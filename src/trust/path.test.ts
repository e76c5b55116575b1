import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { ca, codeOf, leaf, root, validate } from '../../test/kit/trust.ts'
import {
  type Made,
  alternativeNames,
  clientAuth,
  day,
  extension,
  generalNames,
  issuerAt,
  make,
  nameConstraints,
  nameDer,
  newKeys,
  newRsaKeys,
  noon,
  policies,
  requireExplicitPolicy,
  serverAuth,
} from './certificate-maker.ts'
import { derOf, sequenceOf } from './der-writing.ts'
import { type TrustFailureCode, trustFailures } from './failures.ts'
import type { Verdict } from './trust.ts'

const told = new Set<string>()

function below(wanted: Partial<Parameters<typeof make>[0]>, under = {}): readonly [Made, Made[]] {
  const authority = make({ subject: 'Intermediate', issuer: root, authority: true, ...under })
  return [make({ subject: 'leaf', issuer: authority, ...wanted }), [authority]]
}
const withLeaf = (wanted: Partial<Parameters<typeof make>[0]>) => () => validate(...below(wanted))
const withCa = (wanted: Partial<Parameters<typeof make>[0]>) => () => validate(...below({}, wanted))

const crossed = () => {
  const keys = newKeys()
  const other = make({ subject: 'Other root', authority: true })
  const one = make({ subject: 'Crossed', issuer: root, authority: true, keys })
  const two = make({ subject: 'Crossed', issuer: other, authority: true, keys })
  return { other, one, two, leaf: make({ subject: 'leaf', issuer: one }) }
}

const cases: readonly (readonly [what: string, code: TrustFailureCode | 'trusted', run: () => Verdict])[] = [
  ['a leaf below an intermediate', 'trusted', () => validate(leaf)],
  ['a leaf right below the anchor', 'trusted', () => validate(make({ subject: 'leaf', issuer: root }), [])],
  ['sent in any order, the root among them', 'trusted', () => validate(leaf, [root, make({ subject: 'X' }), ca])],
  ['an intermediate that is an anchor itself', 'trusted', () => validate(leaf, [], [ca])],
  ['without its intermediate', 'issuerMissing', () => validate(leaf, [])],
  ['an unknown root, sent', 'untrusted', () => validate(leaf, [ca, root], [])],
  ['self-signed', 'selfSigned', () => validate(make({ subject: 'self' }))],
  ['self-signed and pinned', 'trusted', () => validate(...pin({ extendedKeyUsage: null }))],
  ['pinned, for servers only', 'notForClients', () => validate(...pin({ extendedKeyUsage: [serverAuth] }))],
  ['pinned and expired', 'expired', () => validate(...pin({ to: noon - 1000 }))],
  ['pinned with a weak key', 'weakKey', () => validate(...pin({ keys: newRsaKeys(1024) }))],
  [
    'pinned, another of the same name presented',
    'selfSigned',
    () => validate(make({ subject: 'p' }), [], [], [make({ subject: 'p' })]),
  ],
  ['a CA that presents itself', 'notForClients', () => validate(root, [], [root])],
  ['expired a second ago', 'expired', withLeaf({ to: noon - 1000 })],
  ['in its last second', 'trusted', withLeaf({ to: noon })],
  ['valid from now on', 'trusted', withLeaf({ from: noon })],
  ['valid from tomorrow', 'notYetValid', withLeaf({ from: noon + day })],
  ['below an expired CA', 'intermediateExpired', withCa({ to: noon - day })],
  [
    'below an expired anchor',
    'intermediateExpired',
    () => {
      const old = make({ subject: 'Old root', authority: true, to: noon - day })
      return validate(make({ subject: 'leaf', issuer: old }), [], [old])
    },
  ],
  ['without extended key usage', 'notForClients', withLeaf({ extendedKeyUsage: null })],
  ['for servers', 'notForClients', withLeaf({ extendedKeyUsage: [serverAuth] })],
  ['for anything', 'notForClients', withLeaf({ extendedKeyUsage: ['2.5.29.37.0'] })],
  ['for clients and servers', 'trusted', withLeaf({ extendedKeyUsage: [serverAuth, clientAuth] })],
  ['a key that may only encipher', 'notForClients', withLeaf({ keyUsage: [2] })],
  ['below a CA for servers', 'notForClients', withCa({ extendedKeyUsage: [serverAuth] })],
  ['below a CA for anything', 'trusted', withCa({ extendedKeyUsage: ['2.5.29.37.0'] })],
  ['issued by a leaf', 'notAuthority', withCa({ authority: false, keyUsage: null })],
  ['below a CA without keyCertSign', 'notAuthority', withCa({ keyUsage: [6] })],
  ['below a CA without key usage', 'trusted', withCa({ keyUsage: null })],
  [
    'an anchor of version 1',
    'notAuthority',
    () => {
      const old = make({ subject: 'V1', version: 1 })
      return validate(make({ subject: 'leaf', issuer: old }), [], [old])
    },
  ],
  [
    'deeper than a CA allows',
    'pathTooLong',
    () => {
      const narrow = make({ subject: 'Narrow', issuer: root, authority: true, pathLength: 0 })
      const next = make({ subject: 'Next', issuer: narrow, authority: true })
      return validate(make({ subject: 'leaf', issuer: next }), [narrow, next])
    },
  ],
  [
    'a self-issued CA does not count',
    'trusted',
    () => {
      const narrow = make({ subject: 'Narrow', issuer: root, authority: true, pathLength: 0 })
      const again = make({ subject: 'Narrow', issuer: narrow, authority: true })
      return validate(make({ subject: 'leaf', issuer: again }), [narrow, again])
    },
  ],
  [
    'an anchor that allows no CA below',
    'pathTooLong',
    () => {
      const narrow = make({ subject: 'Narrow', authority: true, pathLength: 0 })
      const next = make({ subject: 'Next', issuer: narrow, authority: true })
      return validate(make({ subject: 'leaf', issuer: next }), [next], [narrow])
    },
  ],
  ['signed with another key', 'signatureInvalid', withLeaf({ signedWith: newKeys().privateKey })],
  [
    'a forged CA of the same name',
    'signatureInvalid',
    () => validate(...below({}, { signedWith: newKeys().privateKey })),
  ],
  ['RSA 1024', 'weakKey', withLeaf({ keys: newRsaKeys(1024) })],
  ['RSA 2048', 'trusted', withLeaf({ keys: newRsaKeys(2048) })],
  ['RSA of 2050 bits', 'weakKey', withLeaf({ keys: newRsaKeys(2050) })],
  ['P-224', 'weakKey', withLeaf({ keys: newKeys('P-224') })],
  ['P-384', 'trusted', withLeaf({ keys: newKeys('P-384') })],
  ['secp256k1', 'weakKey', withLeaf({ keys: newKeys('secp256k1') })],
  ['SHA-1', 'weakSignature', withLeaf({ hash: 'sha1' })],
  ['a CA with SHA-1', 'weakSignature', withCa({ hash: 'sha1' })],
  [
    'an anchor with SHA-1, whose own signature nobody needs',
    'trusted',
    () => {
      const old = make({ subject: 'Old', authority: true, hash: 'sha1' })
      return validate(make({ subject: 'leaf', issuer: old }), [], [old])
    },
  ],
  [
    'an unknown critical extension',
    'criticalExtensionUnknown',
    withLeaf({ extensions: [extension('1.2.3.4', sequenceOf(), true)] }),
  ],
  ['an unknown extension', 'trusted', withLeaf({ extensions: [extension('1.2.3.4', sequenceOf())] })],
  [
    'a CA with an unknown critical extension',
    'criticalExtensionUnknown',
    withCa({ extensions: [extension('1.2.3.4', sequenceOf(), true)] }),
  ],
  [
    'an extension twice',
    'malformed',
    withLeaf({ extensions: [alternativeNames(generalNames.dns('a')), alternativeNames(generalNames.dns('b'))] }),
  ],
  ['a critical authority key id', 'malformed', withLeaf({ extensions: [extension('2.5.29.35', sequenceOf(), true)] })],
  ['an empty list of names', 'malformed', withLeaf({ extensions: [alternativeNames()] })],
  [
    'bytes after an extension',
    'malformed',
    withLeaf({ extensions: [extension('2.5.29.14', Buffer.concat([derOf(4, Buffer.of(1)), Buffer.of(0)]))] }),
  ],
  ['a CA that cannot be read', 'malformed', withCa({ extensions: [extension('2.5.29.14', Buffer.of(4, 0x81, 1, 1))] })],
  ['no subject and no name instead', 'malformed', withLeaf({ subject: sequenceOf() })],
  ['a serial number of zero', 'malformed', withLeaf({ serial: Buffer.of(0) })],
  ['a serial number of 22 octets', 'malformed', withLeaf({ serial: Buffer.alloc(22, 1) })],
  ['a leaf of version 1', 'malformed', withLeaf({ version: 1 })],
  [
    'a DNS name that is an address',
    'malformed',
    withLeaf({ extensions: [alternativeNames(generalNames.dns('10.0.0.1'))] }),
  ],
  ['name constraints in a leaf', 'malformed', withLeaf({ extensions: [nameConstraints([generalNames.dns('a')])] })],
  [
    'no policy where one is required',
    'policyInvalid',
    withCa({ extensions: [requireExplicitPolicy(0), policies('1.2.3')] }),
  ],
  [
    'another policy than the CA has',
    'policyInvalid',
    () =>
      validate(
        ...below({ extensions: [policies('1.2.4')] }, { extensions: [requireExplicitPolicy(0), policies('1.2.3')] }),
      ),
  ],
  [
    'the policy of the CA',
    'trusted',
    () =>
      validate(
        ...below({ extensions: [policies('1.2.3')] }, { extensions: [requireExplicitPolicy(0), policies('1.2.3')] }),
      ),
  ],
  [
    'cross-signed, one root known',
    'trusted',
    () => {
      const { one, two, leaf: crossedLeaf } = crossed()
      return validate(crossedLeaf, [two, one])
    },
  ],
  [
    'cross-signed, the other root known',
    'trusted',
    () => {
      const { one, two, other, leaf: crossedLeaf } = crossed()
      return validate(crossedLeaf, [one, two], [other])
    },
  ],
  [
    'a loop of two CAs',
    'issuerMissing',
    () => {
      const [one, two] = [newKeys(), newKeys()]
      const first = make({ subject: 'One', authority: true, keys: one })
      const second = make({ subject: 'Two', authority: true, keys: two, issuer: first })
      const back = make({ subject: 'One', authority: true, keys: one, issuer: second })
      return validate(make({ subject: 'leaf', issuer: back }), [second, back])
    },
  ],
  [
    'several keys under one name',
    'trusted',
    () => {
      const others = Array.from({ length: 20 }, () => make({ subject: 'Intermediate', issuer: root, authority: true }))
      return validate(leaf, [...others, ca])
    },
  ],
  [
    'names that differ in case and blanks',
    'trusted',
    () => {
      const authority = make({
        subject: nameDer([
          ['2.5.4.10', 'Acme  Inc'],
          ['2.5.4.3', 'CA'],
        ]),
        issuer: root,
        authority: true,
      })
      const spelled = {
        ...authority,
        subject: nameDer(
          [
            ['2.5.4.10', ' ACME inc'],
            ['2.5.4.3', 'ca'],
          ],
          0x13,
        ),
      }
      return validate(make({ subject: 'leaf', issuer: spelled }), [authority])
    },
  ],
  [
    'names whose parts stand in another order',
    'issuerMissing',
    () => {
      const authority = make({
        subject: nameDer([
          ['2.5.4.10', 'Acme'],
          ['2.5.4.3', 'CA'],
        ]),
        issuer: root,
        authority: true,
      })
      const spelled = {
        ...authority,
        subject: nameDer([
          ['2.5.4.3', 'CA'],
          ['2.5.4.10', 'Acme'],
        ]),
      }
      return validate(make({ subject: 'leaf', issuer: spelled }), [authority])
    },
  ],
  ['ten certificates', 'trusted', () => validate(...chainOf(10))],
  ['eleven certificates', 'tooComplex', () => validate(...chainOf(11))],
]

function pin(wanted: Partial<Parameters<typeof make>[0]>): Parameters<typeof validate> {
  const pinned = make({ subject: 'pinned', ...wanted })
  return [pinned, [], [], [pinned]]
}

function chainOf(length: number): readonly [Made, Made[]] {
  const sent: Made[] = []
  for (let at = 0; at < length - 2; at++)
    sent.push(make({ subject: `CA ${at}`, issuer: sent.at(-1) ?? root, authority: true }))
  return [make({ subject: 'leaf', issuer: sent.at(-1) ?? root }), sent]
}

describe('a certificate', () => {
  for (const [what, code, run] of cases)
    it(`${what}: ${code}`, () => {
      const verdict = run()
      assert.equal(codeOf(verdict), code, verdict.trusted ? '' : verdict.failure.reason)
      told.add(code)
    })

  it('of a CA that is not known names the CA and where to get it', () => {
    const verdict = validate(
      make({ subject: 'leaf', issuer: ca, extensions: [issuerAt('http://ca.example/i.crt')] }),
      [],
    )
    assert.ok(!verdict.trusted)
    assert.match(verdict.failure.reason, /'CN=Intermediate'.*http:\/\/ca\.example\/i\.crt/)
    assert.match(verdict.failure.remedy, /intermediate/)
  })
})

it('every failure of paths is met by a case here, the others by those of their part', () => {
  const elsewhere = ['nameConstraints', 'revoked', 'revocationUnknown', 'notForPurpose']
  assert.deepEqual(
    Object.keys(trustFailures).filter((code) => !told.has(code) && !elsewhere.includes(code)),
    [],
  )
})
