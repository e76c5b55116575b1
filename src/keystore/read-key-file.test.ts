import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { before, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { systemClock as clock } from '../base/index.ts'
import { createBuiltInCa, type Issued, openBuiltInCa } from './built-in-ca.ts'
import { readCertificates } from './certificates.ts'
import type { Keystore } from './contracts.ts'
import { createKeystore, pemOf } from './create-keystore.ts'
import { readJavaKeystore, writeJavaCertificates } from './java-keystore.ts'
import { writePkcs12 } from './pkcs12.ts'
import { checkKeyStrength, readKeyFile } from './read-key-file.ts'
import { createSealer } from './seal.ts'
import { sshPublicBlob } from './ssh-keys.ts'

const password = 'correct horse'

/** One Ed25519 key, as ssh-keygen and puttygen write it, encrypted with the password above. */
const openPart = 'AAAAC3NzaC1lZDI1NTE5AAAAIG0OkkHsMAGNDUEtPx7y+yN5EuKcBs4Qkp/DBAMO\nMKJt'
const openSsh = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABDFVNwGwd
X1E8ShFhIZVQ7CAAAABAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIG0OkkHsMAGNDUEt
Px7y+yN5EuKcBs4Qkp/DBAMOMKJtAAAAkH7rzapCOwUEv4o54xbVbNaYW0vmwsjXMK/XmA
lSoVmOMkaoOMV53EIuQSolB4U0XLwd10z3/4pwlgdKcVOJ4sENOpAtA1Nw8bMnRTFSUkBO
r7u+TkXqCyl8u9Zg+nm6zE8ITdJJT2nZTVsowN6p9ORluUm4bUIX5K/TrNuca82eRtVZQ5
U5lwIAeLA+joFQ0Q==
-----END OPENSSH PRIVATE KEY-----
`
const putty = (version: 2 | 3): string => `PuTTY-User-Key-File-${version}: ssh-ed25519
Encryption: aes256-cbc
Comment: t
Public-Lines: 2
${openPart}
${
  version === 2
    ? `Private-Lines: 1
Idk5AHLBZI093shxt9qME4k9f/bq4cIVml8ZdhdtJJB1r2FQJaqJEh+69uGblrRg
Private-MAC: 88ff3851c46fc8ad388e4d46e1e15f4b28f4fb91`
    : `Key-Derivation: Argon2id
Argon2-Memory: 256
Argon2-Passes: 1
Argon2-Parallelism: 1
Argon2-Salt: 49a03b96c0f08f9e24ffe9f594f28f6d
Private-Lines: 1
k1Y9LZfZHSxCfNHbrwbarv8vscmvaHs9YXhVdv+bWLbcMl7NcheHGwGgDlA8jHMK
Private-MAC: 4a4a58d0f0905a2c14a20272ab89c9d52a1e80b8685b2b9e1505b48bdf062bf4`
}
`

let pair: Issued
let other: Issued
let keystore: Keystore
let store: ReturnType<typeof inMemoryRegistry>

before(async () => {
  const made = await createBuiltInCa({ clock, name: 'Test CA' })
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock })
  pair = await ca.issueClient({ commonName: 'one', days: 1, keySize: 2048 })
  other = await ca.issueClient({ commonName: 'two', days: 1, keySize: 2048 })
  store = inMemoryRegistry()
  keystore = await createKeystore({ store, sealer: createSealer({ key: randomBytes(32), tenant: 'default' }), clock })
})

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code.replace('keystore.', ''),
  )
const keyIn = async (content: string | Buffer, word = password): Promise<KeyObject | undefined> =>
  (await readKeyFile(Buffer.from(content as string), word)).keyPairs[0]?.key

describe('reading key files', () => {
  for (const [name, content] of [
    ['OpenSSH', openSsh],
    ['PuTTY 2', putty(2)],
    ['PuTTY 3', putty(3)],
    ['PuTTY 3 of Windows', putty(3).replaceAll('\n', '\r\n')],
  ] as const)
    it(`${name}: the key with the password, and a clear refusal without`, async () => {
      const key = await keyIn(content)
      assert.ok(key)
      assert.equal(sshPublicBlob(key).blob.toString('base64'), openPart.replaceAll('\n', ''))
      for (const wrong of ['', 'wrong'])
        assert.equal(await codeOf(readKeyFile(Buffer.from(content), wrong)), 'filePasswordWrong')
    })

  it('a PuTTY file that was changed anywhere is refused', async () => {
    for (const version of [2, 3] as const)
      for (const [from, to] of [
        ['Comment: t', 'Comment: u'],
        ['AAAAC3NzaC1lZDI1NTE5AAAAIG0', 'AAAAC3NzaC1lZDI1NTE5AAAAIG1'],
        ['Private-Lines: 1', 'Private-Lines: 0'],
        ['Private-MAC: ', 'Private-MAC: 00'],
        ['Public-Lines: 2', 'Public-Lines: 99999'],
        ['User-Key-File-', 'User-Key-File-9'],
        ['aes256-cbc', 'rot13'],
      ] as const)
        assert.match(await codeOf(readKeyFile(Buffer.from(putty(version).replace(from, to)), password)), /^file/)
    const greedy = putty(3).replace('Memory: 256', 'Memory: 99999999')
    assert.equal(await codeOf(readKeyFile(Buffer.from(greedy), password)), 'fileUnsupported')
  })

  it('PEM: one key with its chain in any order', async () => {
    const [leaf = '', above = ''] = pair.chain.split(/(?<=END CERTIFICATE-----\n)/)
    for (const parts of [
      [pair.key, leaf, above],
      [above, leaf, pair.key],
      [leaf, pair.key, above],
    ]) {
      const file = await readKeyFile(Buffer.from(parts.join('')), '')
      assert.deepEqual(file.certificates, [])
      assert.equal(file.keyPairs[0]?.chain.map(String).join(''), pair.chain)
    }
  })

  it('each encoding of one key', async () => {
    const key = createPrivateKey(pair.key)
    const cipher = { cipher: 'aes-256-cbc', passphrase: password }
    const forms: (string | Buffer)[] = [
      key.export({ type: 'pkcs8', format: 'pem', ...cipher }),
      key.export({ type: 'pkcs8', format: 'der', ...cipher }),
      key.export({ type: 'pkcs8', format: 'der' }),
      key.export({ type: 'pkcs1', format: 'der' }),
      key.export({ type: 'pkcs1', format: 'pem', ...cipher }),
      key.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      pair.key.replaceAll('\n', '\\n'),
      await writePkcs12({ chain: pair.chain, privateKey: pair.key, password, friendlyName: 'x' }),
    ]
    for (const form of forms) assert.equal(pemOf((await keyIn(form)) as KeyObject), pair.key)
  })

  it('a Java keystore of certificates comes back as it was', () => {
    const certificates = readCertificates(pair.chain).map((certificate, index) => ({
      alias: `ä${index}\0🔑`,
      certificate,
      at: 1,
    }))
    for (const format of ['JKS', 'JCEKS'] as const) {
      const written = writeJavaCertificates(certificates, format)
      const read = readJavaKeystore(written, '')
      assert.deepEqual(
        read.map(({ alias, chain }) => [alias, chain[0]?.toString()]),
        certificates.map(({ alias, certificate }) => [alias, certificate.toString()]),
      )
      assert.throws(() => readJavaKeystore(written, 'x'), { code: 'keystore.filePasswordWrong' })
      for (let at = 4; at < written.length; at += 97) {
        const damaged = Buffer.from(written)
        damaged[at] = (damaged[at] ?? 0) ^ 0x10
        assert.throws(() => readJavaKeystore(damaged, ''), { code: 'keystore.filePasswordWrong' })
      }
    }
  })

  it('keys that are not secure are refused', () => {
    const weak = [
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
      generateKeyPairSync('x25519').privateKey,
      generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey,
    ]
    for (const key of weak) assert.throws(() => checkKeyStrength(key), { code: 'keystore.keyUnfit' })
    checkKeyStrength(generateKeyPairSync('ed25519').privateKey)
  })
})

describe('what cannot be imported', () => {
  const tenant = { owner: 'tenant', user: 'ada' } as const
  const subject = { commonName: 'me', country: 'DE' }
  const p12 = () => writePkcs12({ chain: pair.chain, privateKey: pair.key, password, friendlyName: 'x' })

  it('is refused with the reason, and the keystore stays as it was', async () => {
    await keystore.putKeyPair('there', pair, tenant)
    const before = JSON.stringify(store.records())
    const key = (content: string | Buffer, word = '', more = {}) =>
      keystore.importKey(
        'new',
        { content: Buffer.from(content as string), password: word, type: 'keypair', ...more },
        tenant,
      )
    const whole = (content: string | Buffer, word = '') =>
      keystore.importKeystore({ content: Buffer.from(content as string), password: word, option: 'replace' }, tenant)
    const file = await p12()
    const truncated = file.subarray(0, file.length - 100)
    const cases: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
      ['nothing', () => whole(''), /fileUnreadable/],
      ['nonsense', () => whole('nonsense'), /fileUnreadable/],
      ['10 MB of nonsense', () => whole(randomBytes(10_000_000)), /fileTooLarge/],
      ['10 MB of nonsense as a key', () => key(randomBytes(10_000_000)), /fileTooLarge/],
      ['a megabyte of nonsense', () => whole(randomBytes(1_000_000)), /file|Unreadable/],
      ['zeros', () => whole(Buffer.alloc(1000)), /fileUnreadable/],
      ['an endless length', () => whole(Buffer.from('3084ffffffff020103', 'hex')), /Unreadable/],
      ['JKS without content', () => whole(Buffer.from('feedfeed', 'hex')), /fileUnreadable/],
      [
        'JCEKS of nonsense',
        () => whole(Buffer.concat([Buffer.from('cececece', 'hex'), randomBytes(500)])),
        /filePasswordWrong/,
      ],
      ['a wrong password', () => whole(file, 'wrong'), /pkcs12PasswordWrong/],
      ['no password', () => whole(file), /pkcs12PasswordWrong/],
      ['a file cut off', () => whole(truncated, password), /pkcs12/],
      ['a key of another', () => key(pair.key + other.chain, '', { subject }), /keyOfAnother/],
      ['two keys', () => key(pair.key + other.key), /severalKeys/],
      ['a key alone', () => key(pair.key), /keyAbsent/],
      ['a certificate alone', () => key(pair.chain), /keyAbsent/],
      ['a key cut off', () => key(pair.key.slice(0, 300)), /fileUnreadable/],
      [
        'a taken alias',
        () => keystore.importKey('there', { content: file, password, type: 'keypair' }, tenant),
        /aliasTaken/,
      ],
      [
        'an odd alias',
        () => keystore.importKey('a\u202eb', { content: file, password, type: 'keypair' }, tenant),
        /aliasInvalid/,
      ],
    ]
    for (const [name, work, code] of cases) assert.match(await codeOf(work()), code, name)
    assert.equal(JSON.stringify(store.records()), before)
  })

  it('an entry of a keystore is named with its reason, and the others are taken', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    const content = Buffer.from(pair.key + other.chain + pair.chain + pemOf(weak))
    const outcomes = await keystore.importKeystore({ content, password: '', option: 'overwrite' }, tenant)
    assert.deepEqual(
      outcomes.map(({ alias, status, reason }) => [alias, status, reason !== '']),
      [
        ['one', 'created', false],
        ['', 'notImported', true],
        ['two', 'created', false],
      ],
    )
  })
})
