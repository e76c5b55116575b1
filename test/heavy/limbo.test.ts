import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { silentLog } from '../../src/base/index.ts'
import {
  type Made,
  type Wanted,
  alternativeNames,
  day,
  extension,
  generalNames,
  make,
  nameConstraints,
  nameDer,
  newKeys,
  newRsaKeys,
  noon,
  serverAuth,
} from '../../src/trust/certificate-maker.ts'
import { sequenceOf } from '../../src/trust/der-writing.ts'
import { createTrust } from '../../src/trust/index.ts'
import { runLimbo } from '../../tools/limbo.ts'

const root = make({ subject: 'Root', authority: true })

function codeFor(leaf: Made, sent: readonly Made[], anchors: readonly Made[] = [root], now = noon): string {
  const trust = createTrust({ clock: { now: () => now, monotonic: () => 0 }, log: silentLog })
  trust.set({
    anchors: anchors.map(({ x509 }) => ({ kind: 'ca', certificate: x509 })),
    crls: [],
    publicRoots: false,
    revocation: 'off',
    minimumRsaBits: 2048,
  })
  const verdict = trust.validate(
    leaf.x509,
    sent.map(({ x509 }) => x509),
  )
  assert.ok(!(verdict instanceof Promise))
  return verdict.trusted ? 'trusted' : verdict.failure.code
}

/** Everything that makes one CA certificate useless, with the code that tells it. */
const flaws: readonly (readonly [what: string, wanted: Partial<Wanted>, code: string])[] = [
  ['expired', { to: noon - day }, 'intermediateExpired'],
  ['of tomorrow', { from: noon + day }, 'intermediateExpired'],
  ['for servers', { extendedKeyUsage: [serverAuth] }, 'notForClients'],
  ['without basic constraints', { authority: false, keyUsage: null, extendedKeyUsage: null }, 'notAuthority'],
  ['without keyCertSign', { keyUsage: [6] }, 'notAuthority'],
  ['signed with SHA-1', { hash: 'sha1' }, 'weakSignature'],
  ['signed with another key', { signedWith: newKeys().privateKey }, 'signatureInvalid'],
  [
    'with an unknown critical extension',
    { extensions: [extension('1.2.3', sequenceOf(), true)] },
    'criticalExtensionUnknown',
  ],
  ['for other names', { extensions: [nameConstraints([generalNames.dns('other.example')])] }, 'nameConstraints'],
  [
    'with an extension twice',
    { extensions: [extension('1.2.3', sequenceOf()), extension('1.2.3', sequenceOf())] },
    'malformed',
  ],
]

/** As bettertls::pathbuilding: a good and a bad certificate of one CA and key, at every height, in both orders. */
describe('a CA with two certificates, one of which is no good', () => {
  for (const depth of [1, 2, 3])
    for (let height = 0; height < depth; height++)
      for (const [what, flaw, code] of flaws)
        it(`${what}, CA ${height + 1} of ${depth}`, () => {
          const good: Made[] = []
          let bad: Made | undefined
          for (let at = 0; at < depth; at++) {
            const keys = newKeys()
            const common = { subject: `CA ${at}`, issuer: good.at(-1) ?? root, authority: true, keys }
            if (at === height) bad = make({ ...common, ...flaw })
            good.push(make(common))
          }
          assert.ok(bad !== undefined)
          const flawed = bad
          const names = [alternativeNames(generalNames.dns('a.example'))]
          const leaf = make({ subject: 'leaf', issuer: good.at(-1) ?? root, extensions: names })
          assert.equal(codeFor(leaf, [flawed, ...good]), 'trusted')
          assert.equal(codeFor(leaf, [...good, flawed]), 'trusted')
          assert.equal(
            codeFor(
              leaf,
              good.map((ca, at) => (at === height ? flawed : ca)),
            ),
            code,
          )
        })

  it('a weak key has no good certificate', () => {
    const weak = make({ subject: 'Weak', issuer: root, authority: true, keys: newRsaKeys(1024) })
    assert.equal(codeFor(make({ subject: 'leaf', issuer: weak }), [weak]), 'weakKey')
    const anchor = make({ subject: 'Weak root', authority: true, keys: newRsaKeys(1024) })
    assert.equal(codeFor(make({ subject: 'leaf', issuer: anchor }), [], [anchor]), 'weakKey')
  })
})

const { dns, email, ip, uri, directory } = generalNames
const named = (organisation: string) => nameDer([['2.5.4.10', organisation]])
const mask = [255, 255, 255, 0]

/** Form of name: a base, a name within it, a name outside. */
const forms: readonly (readonly [form: string, base: Buffer, inside: Buffer, outside: Buffer])[] = [
  ['dns', dns('a.example'), dns('x.a.example'), dns('b.example')],
  ['email', email('a.example'), email('me@a.example'), email('me@b.example')],
  ['ip', ip(192, 0, 2, 0, ...mask), ip(192, 0, 2, 1), ip(192, 0, 3, 1)],
  ['uri', uri('a.example'), uri('https://a.example/'), uri('https://b.example/')],
  ['dn', directory(named('A')), directory(named('A')), directory(named('B'))],
]

/** As bettertls::nameconstraints and rfc5280::nc: every form, permitted and excluded, at every height. */
describe('name constraints', () => {
  for (const [form, base, inside, outside] of forms)
    for (const height of [0, 1, 2])
      for (const [names, within, without] of [
        [[inside], true, false],
        [[outside], false, true],
        [[inside, outside], false, false],
      ] as const)
        it(`${form}, set by CA ${height}, ${names.length} names, inside first: ${names[0] === inside}`, () => {
          for (const [permitted, excluded, expected] of [
            [[base, directory(named('A'))], [], within],
            [[], [base], without],
          ] as const) {
            const chain: Made[] = []
            for (let at = 0; at < 3; at++) {
              const extensions = at === height ? [nameConstraints(permitted, excluded)] : []
              const issuer = chain.at(-1)
              chain.push(make({ subject: named('A'), authority: true, extensions, ...(issuer && { issuer }) }))
            }
            const subject = form === 'dn' && excluded.length > 0 ? named('C') : named('A')
            const leaf = make({ subject, issuer: chain[2] as Made, extensions: [alternativeNames(...names)] })
            const code = codeFor(leaf, chain.slice(1), chain.slice(0, 1))
            assert.equal(code, expected ? 'trusted' : 'nameConstraints')
          }
        })
})

/** As rfc5280::validity: to the second, at every height. */
describe('validity', () => {
  for (const [offset, code] of [
    [-1, ['intermediateExpired', 'intermediateExpired', 'notYetValid']],
    [0, ['trusted', 'trusted', 'trusted']],
    [10_999, ['trusted', 'trusted', 'trusted']],
    [11_000, ['intermediateExpired', 'intermediateExpired', 'expired']],
  ] as const)
    for (const height of [0, 1, 2])
      it(`${offset} ms after the beginning, certificate ${height}`, () => {
        const short = (at: number) => (at === height ? { from: noon, to: noon + 10_000 } : {})
        const anchor = make({ subject: 'A', authority: true, ...short(0) })
        const ca = make({ subject: 'B', authority: true, issuer: anchor, ...short(1) })
        const leaf = make({ subject: 'C', issuer: ca, ...short(2) })
        assert.equal(codeFor(leaf, [ca], [anchor], noon + offset), code[height])
      })
})

/** As pathological::*: meshes without an anchor, of equal and of different names and keys. */
describe('meshes of CAs', () => {
  const shared = newKeys()
  for (const [what, subjectOf, keysOf] of [
    ['distinct subjects, distinct keys', (at: number) => `M${at}`, () => newKeys()],
    ['one subject, distinct keys', () => 'M', () => newKeys()],
    ['distinct subjects, one key', (at: number) => `M${at}`, () => shared],
    ['one subject, one key', () => 'M', () => shared],
  ] as const)
    it(what, () => {
      const selves = Array.from({ length: 8 }, (_, at) =>
        make({ subject: subjectOf(at), authority: true, keys: keysOf() }),
      )
      const mesh = selves.flatMap((issuer) =>
        selves.map(({ publicKey, privateKey }, at) =>
          make({ subject: subjectOf(at), authority: true, keys: { publicKey, privateKey }, issuer }),
        ),
      )
      const begin = performance.now()
      assert.match(
        codeFor(make({ subject: 'leaf', issuer: selves[0] as Made }), mesh),
        /tooComplex|issuerMissing|untrusted/,
      )
      assert.ok(performance.now() - begin < 500)
    })
})

// The vectors themselves are not part of the project and in no package registry: where they are, LIMBO names the file.
const file = process.env['LIMBO']
if (file !== undefined)
  it('the vectors of x509-limbo', async () => {
    const results = await runLimbo(file)
    assert.ok(results.length > 200)
    assert.deepEqual(
      results.filter(({ outcome }) => outcome.endsWith('wrongly')),
      [],
    )
  })
