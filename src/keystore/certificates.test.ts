import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, it } from 'node:test'

import { systemClock } from '../base/index.ts'
import { createBuiltInCa, openBuiltInCa } from './built-in-ca.ts'
import { factsOf, leadsTo, readCertificates } from './certificates.ts'

let chain = ''
let leaf: X509Certificate
let authority: X509Certificate
let stranger: X509Certificate

before(async () => {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  chain = (await ca.issueClient({ commonName: 'a, b', organizationalUnit: 'unit', days: 2, keySize: 2048 })).chain
  ;[leaf, authority] = readCertificates(chain) as [X509Certificate, X509Certificate]
  stranger = new X509Certificate((await createBuiltInCa({ clock: systemClock, name: 'Test CA' })).chain)
})

const forms: readonly (readonly [string, (pem: string) => string | Uint8Array])[] = [
  ['PEM', (pem) => pem],
  ['PEM with CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
  ['PEM in one line', (pem) => pem.replaceAll('\n', '')],
  ['PEM with spelled-out line breaks', (pem) => pem.replaceAll('\n', '\\n')],
  ['PEM that lost its last dashes', (pem) => pem.trim().slice(0, -5)],
  ['PEM with text around it', (pem) => `Bag Attributes\n  friendlyName: x\n${pem}\nend`],
  ['base64 of PEM', (pem) => Buffer.from(pem).toString('base64')],
  ['bytes of PEM', (pem) => Buffer.from(pem)],
]
for (const [name, form] of forms) {
  it(`a chain is read from ${name}`, () => {
    const read = readCertificates(form(chain))
    assert.deepEqual(
      read.map(({ fingerprint256 }) => fingerprint256),
      [leaf.fingerprint256, authority.fingerprint256],
    )
  })
}

it('DER and bare base64 of it are read', () => {
  for (const form of [leaf.raw, leaf.raw.toString('base64')])
    assert.equal(readCertificates(form)[0]?.fingerprint256, leaf.fingerprint256)
})

for (const [name, form] of [
  ['nothing', () => ''],
  ['other text', () => 'hello world'],
  ['half a certificate', () => leaf.raw.subarray(0, 200)],
  ['a damaged block', () => chain.replace('MII', 'M!I')],
  ['a block without content', () => '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----'],
  ['a private key', () => `${chain}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`],
] as const) {
  it(`${name} is refused`, () => {
    assert.throws(() => readCertificates(form()), { code: 'keystore.certificateUnreadable' })
  })
}

it('the facts of a certificate are shown as the original shows them', () => {
  const facts = factsOf(leaf)
  assert.equal(facts.subject, 'CN=a\\, b,OU=unit,O=Sluice')
  assert.match(facts.issuer, /^CN=Test CA [0-9a-f]{8},O=Sluice$/)
  assert.match(facts.fingerprint, /^[0-9a-f]{64}$/)
  assert.match(facts.serialNumber, /^[0-9a-f]{32}$/)
  assert.equal(facts.forClients, true)
  assert.equal(facts.isAuthority, false)
  assert.equal(facts.keyType, 'RSA 2048')
  const days = (facts.validTo - Date.now()) / 86_400_000
  assert.ok(days > 1.99 && days <= 2, `${days} days`)
})

it('a leaf leads to the CA that signed it, not to one of the same name pattern', () => {
  assert.equal(leadsTo([stranger, authority], leaf), true)
  assert.equal(leadsTo([stranger], leaf), false)
  assert.equal(leadsTo([], leaf), false)
})
