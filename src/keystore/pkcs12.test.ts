import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { systemClock } from '../base/index.ts'
import { der, readAsn1 } from './asn1.ts'
import { createBuiltInCa, type Issued, openBuiltInCa } from './built-in-ca.ts'
import { pemOf } from './create-keystore.ts'
import { formsOf, takeRounds } from './password-derivation.ts'
import { readPkcs12, writePkcs12 } from './pkcs12.ts'

const password = 'correct horse'

/** RC2 of 40 bits for the certificate, 3DES for the key, SHA-1 for the checksum: `openssl pkcs12 -export -legacy`. */
const oldFile = Buffer.from(
  'MIIDwQIBAzCCA4cGCSqGSIb3DQEHAaCCA3gEggN0MIIDcDCCAj8GCSqGSIb3DQEHBqCCAjAwggIsAgEAMIICJQYJKoZIhvcN' +
    'AQcBMBwGCiqGSIb3DQEMAQYwDgQIOGBXxqVugFoCAggAgIIB+MJ1dWP/BcaZ3URX9yKD9iyqpyNA8EgoUks8np9hm8bCWl9W' +
    'fEXzmq5yypox1O+ha5C3oBdVx+61yXmnuVmbMCDKvTBlTkN/FqBaQvEZh6f4s1nfhN5wjhgMY5fEWIOEFBe7Eg3bawp27Sb+' +
    'c8QB7V3dzrO+UhxgQoGJedmX71hILDORJmbmWh8RvjWfwNRpWhk96mG4+vxjLVxity3MADUPlPtrLJU0TSZ1bTCcCu7QgVjC' +
    'iMax3jZtN2qpJXzbbm/UNa34ebqAHTv4Eem3iUAoZs5DV0j+tt23D2Qm05HFlliW4wndl0MFyf829lPD6Hae0+Bjbj23M16r' +
    'cxEDzH4u7pYn36KfKaBHheh+b6WVdsfCbOJ9PW8L/6a3XkOOZ0rwbgD6hjMHPq5KENGe64+3ISFXOWyjaxRzJY24cfNYwXtH' +
    '2UBAcfBh+2pf+3KERFIdUaMWQC6QTULmMQwbgDz2RRi0IHHdxBdQBdoLftyeDcAaCbzpdSvdZKyBbo6TBpUB3z6F6p1CjDCp' +
    '1JzRoxQk7LyVLzbSq3cI6ulv9y00ih5mPi8fGkLGUaUjq6Wbk6F4eAsQ0ztBgJOdEbIRByT0BhWQ85L/xJYqKj02r96R242N' +
    'xLN6vt/7EgbXa0ojyk3UmZ2ZRj3/PGJ6Kp4DUzZc+Q3+p5euDzCCASkGCSqGSIb3DQEHAaCCARoEggEWMIIBEjCCAQ4GCyqG' +
    'SIb3DQEMCgECoIG0MIGxMBwGCiqGSIb3DQEMAQMwDgQIMuTRgB1+sRACAggABIGQJUwwFNorwdFD3m5I1lpGQ3sSJEIo8tmW' +
    's5UI0Na/GC3jdJT2fdNRmSCQSl7zZ5IGTY1nEPk4C0bkwASxulUym+38ZEywMwE0UB3ryKWo8qx57mzIA1pXMmCQwL2SsEP7' +
    'tHuxjlhzNY9K9m1lGvygXnqCYhSBvhZbBT789dKRzFKpy6/8DM+xA5yGMspzTShtMUgwIQYJKoZIhvcNAQkUMRQeEgBPAGwA' +
    'ZAAgAEUAbgB0AHIAeTAjBgkqhkiG9w0BCRUxFgQU69AxxYURmSamXKrlZr4QC0M4EWEwMTAhMAkGBSsOAwIaBQAEFGbrFTs9' +
    'aob1pPv/58TuGQWJZdjcBAgewElk9XrmowICCAA=',
  'base64',
)

let authority: string
let client: Issued
let file: Buffer

before(async () => {
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test CA' })
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  authority = made.chain
  client = await ca.issueClient({ commonName: 'client', days: 1, keySize: 2048 })
  file = await writePkcs12({ chain: client.chain, privateKey: client.key, password, friendlyName: 'Orders Client' })
})

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  )

describe('a PKCS#12 file', () => {
  it('gives back what was put in, with the alias in lower case', async () => {
    const { keyPairs, certificates } = await readPkcs12(file, password)
    assert.deepEqual(
      keyPairs.map(({ alias, chain, key }) => ({ alias, chain, key: pemOf(key) })),
      [{ alias: 'orders client', chain: client.chain, key: client.key }],
    )
    assert.deepEqual(certificates, [])
  })

  it('can bring authorities to trust; one that is in the chain as well is there once', async () => {
    const trusted = [{ certificate: authority, friendlyName: 'Root' }]
    const whole = await writePkcs12({
      chain: client.chain,
      privateKey: client.key,
      password,
      friendlyName: 'c',
      trusted,
    })
    const { keyPairs, certificates } = await readPkcs12(whole, password)
    assert.equal(keyPairs[0]?.chain, client.chain)
    assert.deepEqual(
      certificates.map(({ alias, certificate }) => [alias, certificate.toString()]),
      [['root', authority]],
    )
  })

  it('holds neither the key nor a name in the clear', () => {
    const text = file.toString('latin1')
    assert.ok(!text.includes(createPrivateKey(client.key).export({ type: 'pkcs8', format: 'der' }).toString('latin1')))
    assert.ok(!text.includes('Test CA'))
  })

  it('of old programs is read', async () => {
    const { keyPairs } = await readPkcs12(oldFile, 'geheim')
    assert.equal(keyPairs.length, 1)
    assert.equal(keyPairs[0]?.alias, 'Old Entry')
    const leaf = new X509Certificate(keyPairs[0]?.chain ?? '')
    assert.equal(leaf.subject, 'CN=old')
    assert.equal(leaf.checkPrivateKey(keyPairs[0]?.key), true)
  })

  it('in BER, with contents in pieces and lengths left open, is read', async () => {
    const open = (tag: number, ...parts: Uint8Array[]): Buffer =>
      Buffer.concat([Uint8Array.of(tag, 0x80), ...parts, Uint8Array.of(0, 0)])
    const pfx = readAsn1(file)
    const content = pfx.part(1).part(1).part(0).octets()
    const pieces = [content.subarray(0, 1000), content.subarray(1000)].map((piece) => der.octets(piece))
    const info = open(0x30, pfx.part(1).part(0).bytes(), open(0xa0, open(0x24, ...pieces)))
    const ber = open(0x30, der.integer(3), info, pfx.part(2).bytes())
    assert.equal((await readPkcs12(ber, password)).keyPairs[0]?.chain, client.chain)
  })

  it('is refused when the password is wrong, and when a byte was changed', async () => {
    assert.equal(await codeOf(readPkcs12(file, `${password} `)), 'keystore.pkcs12PasswordWrong')
    assert.equal(await codeOf(readPkcs12(file, '')), 'keystore.pkcs12PasswordWrong')
    const changed = Buffer.from(file)
    changed[300] = (changed[300] ?? 0) ^ 1
    assert.equal(await codeOf(readPkcs12(changed, password)), 'keystore.pkcs12PasswordWrong')
  })

  it('that is none is refused with its own words', async () => {
    const cases: [string, Uint8Array, string][] = [
      ['nothing', Buffer.alloc(0), 'keystore.pkcs12Unreadable'],
      ['text', Buffer.from('hello'), 'keystore.pkcs12Unreadable'],
      ['PEM', Buffer.from(client.chain), 'keystore.pkcs12Unreadable'],
      ['a certificate', new X509Certificate(client.chain).raw, 'keystore.pkcs12Unreadable'],
      ['half a file', file.subarray(0, file.length / 2), 'keystore.pkcs12Unreadable'],
      ['too much of it', Buffer.alloc(5_000_000, 0x30), 'keystore.pkcs12Unreadable'],
    ]
    for (const [what, bytes, code] of cases) assert.equal(await codeOf(readPkcs12(bytes, password)), code, what)
  })

  it('may not ask for endless work, nor come without a checksum', async () => {
    const pfx = readAsn1(file)
    const [digest, salt] = pfx.part(2).parts()
    const parts = [der.integer(3), pfx.part(1).bytes()] as const
    const endless = der.sequence(digest!.bytes(), salt!.bytes(), der.integer(2_000_000_000))
    for (const one of [der.sequence(...parts, endless), der.sequence(...parts)])
      assert.equal(await codeOf(readPkcs12(one, password)), 'keystore.pkcs12Unsupported')
    const forms = formsOf(password)
    for (let rounds = 0; rounds < 5_000_000; rounds += 500_000) takeRounds(500_000, forms)
    assert.throws(() => takeRounds(1, forms), { code: 'keystore.pkcs12Unsupported' })
  })

  it('is not written with a password that programs read differently, nor with the key of another', async () => {
    const given = { chain: client.chain, privateKey: client.key, friendlyName: 'c' }
    for (const unfit of ['', 'short', 'pässwort-lang', 'x'.repeat(129), 'with\nbreak'])
      assert.equal(await codeOf(writePkcs12({ ...given, password: unfit })), 'keystore.passwordUnfit')
    const privateKey = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
    assert.equal(await codeOf(writePkcs12({ ...given, privateKey, password })), 'keystore.keyOfAnother')
    assert.equal(await codeOf(writePkcs12({ ...given, privateKey: 'x', password })), 'keystore.keyUnreadable')
  })
})
