import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, beforeEach, describe, it } from 'node:test'

import {
  decryptKey,
  generateKey,
  type PrivateKey,
  type PublicKey,
  readKeys,
  readPrivateKeys,
  reformatKey,
} from 'openpgp'

import { inMemoryRegistry } from '../../../test/kit/registry-store.ts'
import { createSealer } from '../../keystore/index.ts'
import { createSecrets } from '../create-secrets.ts'
import { validityOf } from './key-facts.ts'
import type { PgpKeyrings } from './keyrings.ts'

const day = 86_400_000
const passphrase = 'of the file'
const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const time = { now: Date.now() }
const clock = { now: () => time.now, monotonic: () => time.now }

interface Pair {
  readonly privateKey: PrivateKey
  readonly publicKey: PublicKey
  readonly id: string
}

/** A key of Curve25519 with a passphrase, or without one. */
async function newPair(name: string, { days = 0, open = false } = {}): Promise<Pair> {
  const { privateKey, publicKey } = await generateKey({
    type: 'ecc',
    userIDs: [{ name, email: `${name}@example.com` }],
    keyExpirationTime: days * 86_400,
    ...(!open && { passphrase }),
    format: 'object',
  })
  return { privateKey, publicKey, id: publicKey.getKeyID().toHex().toUpperCase() }
}

describe('PGP keyrings', () => {
  let [anna, bert]: Pair[] = []
  let pgp: PgpKeyrings
  let store: ReturnType<typeof inMemoryRegistry>
  let audited: string[]
  before(async () => {
    ;[anna, bert] = await Promise.all([newPair('anna', { days: 30 }), newPair('bert')])
  })
  beforeEach(async () => {
    time.now = Date.now()
    store = inMemoryRegistry()
    audited = []
    const audit = {
      record: async (draft: { action: string; objectId: string }) =>
        void audited.push(`${draft.action} ${draft.objectId}`),
    }
    ;({ pgp } = await createSecrets({ store, sealer, clock, audit }))
  })
  const armored = (...keys: (PublicKey | PrivateKey | undefined)[]) =>
    Buffer.from(keys.map((key) => key?.armor()).join('\n'))
  const outcomes = (results: readonly { keyId: string; outcome: string }[]) =>
    results.map(({ keyId, outcome }) => `${keyId} ${outcome}`).sort()
  const importSecret = (content: Buffer, mode: 'add' | 'overwrite' | 'replace' = 'add', given = passphrase) =>
    pgp.importSecret({ content, passphrase: given, mode }, 'me')

  it('reads binary and armored files with several keys', async () => {
    const binary = Buffer.concat([anna, bert].map((pair) => pair?.publicKey.write() ?? Buffer.alloc(0)))
    const added = [`${anna?.id} added`, `${bert?.id} added`].sort()
    assert.deepEqual(outcomes(await pgp.importPublic(binary, 'add', 'me')), added)
    const again = await pgp.importPublic(armored(anna?.publicKey, bert?.publicKey), 'add', 'me')
    assert.deepEqual(new Set(again.map(({ outcome }) => outcome)), new Set(['unchanged']))
  })

  it('shows what a key says of itself', async () => {
    await pgp.importPublic(armored(anna?.publicKey), 'add', 'me')
    const key = pgp.find('public', anna?.id.toLowerCase() ?? '')
    assert.ok(key)
    const expiry = (await anna?.publicKey.getExpirationTime()) as Date
    assert.deepEqual(
      [key.type, key.primaryUserId, key.validity, key.validUntil, key.modifiedBy, key.fingerprint],
      [
        'public',
        'anna <anna@example.com>',
        'Valid',
        expiry.getTime(),
        'me',
        anna?.publicKey.getFingerprint().toUpperCase(),
      ],
    )
    assert.deepEqual(
      key.parts.map(({ algorithm, curve, usage, primary }) => [algorithm, curve, usage.join(), primary]),
      [
        ['EdDSA', 'ed25519', 'certify,sign', true],
        ['ECDH', 'curve25519', 'encrypt communication,encrypt storage', false],
      ],
    )
  })

  it('tells states by the days that are left', async () => {
    await pgp.importPublic(armored(anna?.publicKey), 'add', 'me')
    const until = pgp.list('public')[0]?.validUntil ?? 0
    for (const [left, state] of [
      [15 * day, 'Valid'],
      [14 * day, 'Critical'],
      [1, 'Critical'],
      [0, 'Expired'],
    ] as const) {
      time.now = until - left
      assert.equal(pgp.list('public')[0]?.validity, state)
    }
    assert.equal(validityOf({ validUntil: null, revoked: false }, time.now), 'Valid')
    assert.equal(validityOf({ validUntil: null, revoked: true }, time.now), 'Revoked')
  })

  it('adds, overwrites or replaces, and names what became of each key', async () => {
    await pgp.importPublic(armored(anna?.publicKey), 'add', 'me')
    const { privateKey } = anna!
    const opened = await decryptKey({ privateKey, passphrase })
    const { publicKey: renamed } = await reformatKey({
      privateKey: opened,
      userIDs: [{ name: 'Anna B' }],
      format: 'object',
    })
    const [kept] = await pgp.importPublic(armored(renamed), 'add', 'me')
    assert.deepEqual([kept?.outcome, kept?.reason], ['notImported', 'the key is there already'])
    assert.deepEqual(outcomes(await pgp.importPublic(armored(renamed), 'overwrite', 'me')), [`${anna?.id} changed`])
    assert.equal(pgp.list('public')[0]?.primaryUserId, 'Anna B')
    const replaced = outcomes(await pgp.importPublic(armored(bert?.publicKey), 'replace', 'me'))
    assert.deepEqual(replaced, [`${anna?.id} removed`, `${bert?.id} added`].sort())
    assert.deepEqual(
      pgp.list('public').map(({ keyId }) => keyId),
      [bert?.id],
    )
    assert.deepEqual(
      audited.toSorted(),
      [`added ${anna?.id}`, `added ${bert?.id}`, `changed ${anna?.id}`, `removed ${anna?.id}`].sort(),
    )
  })

  it('takes secret keys under a passphrase of its own', async () => {
    assert.deepEqual(outcomes(await importSecret(armored(anna?.privateKey))), [`${anna?.id} added`])
    const [lent] = pgp.lendSecretKeys()
    assert.ok(lent)
    assert.notEqual(lent.passphrase, passphrase)
    const [privateKey] = await readPrivateKeys({ armoredKeys: lent.armored })
    assert.ok(privateKey)
    await assert.rejects(decryptKey({ privateKey, passphrase }))
    assert.ok((await decryptKey({ privateKey, passphrase: lent.passphrase })).isDecrypted())
    const stored = JSON.stringify([store.records(), pgp.list('secret')])
    assert.doesNotMatch(stored, /PRIVATE KEY/)
    assert.ok(!stored.includes(lent.passphrase))
    assert.equal(pgp.list('public').length, 0)
  })

  it('gives secret keys away under a new passphrase only, audited', async () => {
    await importSecret(armored(anna?.privateKey, bert?.privateKey))
    const given = { passphrase: 'another passphrase', format: 'asc' } as const
    await assert.rejects(pgp.exportSecret({ ...given, passphrase: 'short' }, 'me'), {
      code: 'secrets.pgpPassphraseWeak',
    })
    audited.length = 0
    const content = await pgp.exportSecret({ ...given, keyId: anna?.id ?? '' }, 'me')
    const keys = await readPrivateKeys({ armoredKeys: content.toString() })
    assert.equal(keys.length, 1)
    assert.ok(!keys[0]?.isDecrypted())
    assert.ok((await decryptKey({ privateKey: keys[0]!, passphrase: given.passphrase })).isDecrypted())
    assert.deepEqual(audited, [`exportSecretKey ${anna?.id}`])
    const ring = await pgp.exportSecret({ ...given, format: 'gpg' }, 'me')
    assert.equal((await readPrivateKeys({ binaryKeys: ring })).length, 2)
  })

  it('gives nothing away that cannot be audited', async () => {
    await importSecret(armored(anna?.privateKey))
    const audit = { record: () => Promise.reject(new Error('full')) }
    const other = await createSecrets({ store, sealer, clock, audit })
    await assert.rejects(other.pgp.exportSecret({ passphrase: 'another passphrase', format: 'asc' }, 'me'), /full/)
  })

  it('gives public keys away, one or all, without the secret part', async () => {
    await importSecret(armored(anna?.privateKey, bert?.privateKey))
    await pgp.importPublic(armored(bert?.publicKey), 'add', 'me')
    const ring = await pgp.exportPublic({ type: 'public', format: 'gpg' })
    assert.equal((await readKeys({ binaryKeys: ring })).length, 1)
    const one = await pgp.exportPublic({ type: 'secret', keyId: anna?.id ?? '', format: 'asc' })
    const [key] = await readKeys({ armoredKeys: one.toString() })
    assert.deepEqual([key?.isPrivate(), key?.getKeyID().toHex().toUpperCase()], [false, anna?.id])
  })

  it('refuses a file whole, with words, and changes nothing', async () => {
    const unprotected = await newPair('open', { open: true })
    const code = (name: string) => ({ code: `secrets.${name}` })
    await assert.rejects(pgp.importPublic(Buffer.alloc(0), 'add', 'me'), code('pgpFileInvalid'))
    await assert.rejects(pgp.importPublic(Buffer.from('hello'), 'add', 'me'), code('pgpFileInvalid'))
    await assert.rejects(pgp.importPublic(randomBytes(1000).fill(0x99, 0, 1), 'add', 'me'), code('pgpFileInvalid'))
    await assert.rejects(pgp.importPublic(Buffer.alloc(10_000_001, 0x99), 'add', 'me'), code('pgpFileInvalid'))
    const cut = armored(anna?.publicKey)
      .toString()
      .replace(/\n.{20}\n/, '\n')
    await assert.rejects(pgp.importPublic(Buffer.from(cut.replace(/[A-Z]/g, 'A')), 'add', 'me'), code('pgpFileInvalid'))
    await assert.rejects(pgp.importPublic(armored(anna?.privateKey), 'add', 'me'), code('pgpKeyTypeInvalid'))
    await assert.rejects(importSecret(armored(anna?.publicKey)), code('pgpKeyTypeInvalid'))
    await assert.rejects(
      importSecret(armored(anna?.privateKey), 'replace', 'wrong'),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'secrets.pgpPassphraseInvalid')
        assert.doesNotMatch(error.message, /wrong/)
        return true
      },
    )
    await assert.rejects(importSecret(armored(anna?.privateKey, unprotected.privateKey)), code('pgpKeyUnprotected'))
    await assert.rejects(pgp.remove('public', anna?.id ?? '', 'me'), code('pgpKeyMissing'))
    assert.equal(store.records().length, 0)
  })

  it('opens no secret key that was moved to another key ID', async () => {
    await importSecret(armored(anna?.privateKey))
    const [record] = store.records()
    const { revision } = await store.load(0)
    const document = JSON.stringify({ ...JSON.parse(record?.document ?? ''), keyId: '00' })
    await store.write(revision, [{ kind: 'pgpSecretKey', id: '00', document }])
    const moved = await createSecrets({ store, sealer, clock })
    assert.throws(() => moved.pgp.lendSecretKeys(), { code: 'keystore.sealBroken' })
  })
})
