/** PGP keys and known hosts against the programs that everybody uses: GnuPG and OpenSSH, in both directions. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'

import { createSealer } from '../../src/keystore/index.ts'
import { createSecrets, type Secrets } from '../../src/secrets/index.ts'
import { inMemoryRegistry } from '../kit/registry-store.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const open = (): Promise<Secrets> => createSecrets({ store: inMemoryRegistry(), sealer, clock })

/** Users by name, with the algorithms of their key and subkey. */
const users = {
  rsa: ['rsa2048', 'rsa2048'],
  dsa: ['dsa2048', 'elg2048'],
  curve25519: ['ed25519', 'cv25519'],
  nist: ['nistp384', 'nistp384'],
} as const

describe('with GnuPG', () => {
  const passphrase = 'old passphrase'
  let home: string
  let secrets: Secrets
  const homes: string[] = []
  const newHome = (): string => {
    const folder = temporaryFolder('gpg')
    homes.push(folder)
    return folder
  }
  const gpg = (folder: string, args: readonly string[], phrase = passphrase, input?: Buffer): Buffer =>
    execFileSync(
      'gpg',
      [
        '--homedir',
        folder,
        '--batch',
        '--yes',
        '--trust-model',
        'always',
        '--pinentry-mode',
        'loopback',
        '--passphrase',
        phrase,
        ...args,
      ],
      { stdio: ['pipe', 'pipe', 'pipe'], ...(input !== undefined && { input }) },
    )
  const listed = (folder: string, ...args: string[]): readonly string[][] =>
    gpg(folder, ['--with-colons', ...args])
      .toString()
      .split('\n')
      .map((line) => line.split(':'))

  before(() => {
    home = newHome()
    for (const [name, [algorithm, subkey]] of Object.entries(users)) {
      gpg(home, ['--quick-generate-key', `${name} <${name}@example.com>`, algorithm, 'default', '2y'])
      const fingerprint = listed(home, '--list-keys', `${name}@`).find(([kind]) => kind === 'fpr')?.[9] ?? ''
      gpg(home, ['--quick-add-key', fingerprint, subkey, 'encr', '1y'])
    }
  })
  after(() => {
    for (const folder of homes) {
      execFileSync('gpgconf', ['--homedir', folder, '--kill', 'all'])
    }
  })
  beforeEach(async () => {
    secrets = await open()
  })

  for (const armor of [[], ['--armor']])
    it(`takes the public keys of gpg --export ${armor.join()} and says of them what gpg says`, async () => {
      const results = await secrets.pgp.importPublic(gpg(home, ['--export', ...armor]), 'add', 'me')
      assert.equal(results.filter(({ outcome }) => outcome === 'added').length, 4)
      const ours = secrets.pgp
        .list('public')
        .flatMap(({ parts }) =>
          parts.map(({ keyId, validFrom, validUntil }) =>
            [keyId, validFrom / 1000, (validUntil ?? 0) / 1000].join(' '),
          ),
        )
      const theirs = listed(home, '--list-keys').flatMap(([kind, , , , keyId, from, until]) =>
        kind === 'pub' || kind === 'sub' ? [`${keyId} ${from} ${until}`] : [],
      )
      assert.deepEqual(ours.toSorted(), theirs.toSorted())
    })

  it('gives back what gpg imports, and gpg encrypts with it', async () => {
    await secrets.pgp.importPublic(gpg(home, ['--export']), 'add', 'me')
    const folder = newHome()
    gpg(folder, ['--import'], '', await secrets.pgp.exportPublic({ type: 'public', format: 'gpg' }))
    for (const name of Object.keys(users)) {
      const encrypted = gpg(folder, ['--encrypt', '--recipient', `${name}@example.com`], '', Buffer.from(name))
      assert.equal(gpg(home, ['--decrypt'], passphrase, encrypted).toString(), name)
    }
  })

  for (const name of Object.keys(users))
    it(`takes the secret key ${name} and gives it back under a new passphrase, with which gpg decrypts`, async () => {
      const content = gpg(home, ['--export-secret-keys', `${name}@example.com`])
      await assert.rejects(secrets.pgp.importSecret({ content, passphrase: 'wrong', mode: 'add' }, 'me'), {
        code: 'secrets.pgpPassphraseInvalid',
      })
      const [result] = await secrets.pgp.importSecret({ content, passphrase, mode: 'add' }, 'me')
      assert.equal(result?.outcome, 'added')
      const folder = newHome()
      const exported = await secrets.pgp.exportSecret({ passphrase: 'a new passphrase', format: 'asc' }, 'me')
      gpg(folder, ['--import'], 'a new passphrase', exported)
      const encrypted = gpg(home, ['--encrypt', '--recipient', `${name}@example.com`], '', Buffer.from(name))
      assert.equal(gpg(folder, ['--decrypt'], 'a new passphrase', encrypted).toString(), name)
      assert.throws(() => gpg(folder, ['--export-secret-keys'], passphrase))
    })

  it('takes a secret key whose primary part is kept elsewhere', async () => {
    const content = gpg(home, ['--export-secret-subkeys', 'rsa@example.com'])
    const [result] = await secrets.pgp.importSecret({ content, passphrase, mode: 'add' }, 'me')
    assert.equal(result?.outcome, 'added')
  })

  it('refuses a secret key without a passphrase', async () => {
    const folder = newHome()
    gpg(folder, ['--quick-generate-key', 'open@example.com', 'ed25519', 'default', '1y'], '')
    const content = gpg(folder, ['--export-secret-keys'], '')
    await assert.rejects(secrets.pgp.importSecret({ content, passphrase: '', mode: 'add' }, 'me'), {
      code: 'secrets.pgpKeyUnprotected',
    })
  })
})

describe('with OpenSSH', () => {
  it('finds in a file that ssh-keygen hashed what ssh-keygen finds', async () => {
    const folder = temporaryFolder('ssh')
    const ssh = (...args: string[]) =>
      execFileSync('ssh-keygen', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] }).toString()
    const keyOf = (type: string) => {
      ssh('-q', '-t', type, '-N', '', '-f', type, '-C', '')
      return readFileSync(join(folder, `${type}.pub`), 'utf8').trim()
    }
    const [ed25519, ecdsa, rsa] = ['ed25519', 'ecdsa', 'rsa'].map(keyOf)
    const lines = [`one.example.com ${ed25519}`, `[two.example.com]:2222 ${ecdsa}`, `192.0.2.7 ${rsa}`]
    writeFileSync(join(folder, 'hosts'), `${lines.join('\n')}\n`)
    ssh('-H', '-f', 'hosts')
    const hashed = readFileSync(join(folder, 'hosts'), 'utf8')
    assert.doesNotMatch(hashed, /example/)
    const { knownHosts } = await open()
    await knownHosts.add(hashed, 'me')
    writeFileSync(join(folder, 'ours'), knownHosts.text())
    for (const [host, port, pub] of [
      ['one.example.com', 22, 'ed25519'],
      ['two.example.com', 2222, 'ecdsa'],
      ['192.0.2.7', 22, 'rsa'],
    ] as const) {
      const [found, ...others] = knownHosts.find(host, port)
      assert.ok(found)
      assert.deepEqual(others, [])
      assert.ok(ssh('-l', '-f', `${pub}.pub`).includes(found.fingerprint))
      // What was given out again is read by OpenSSH as before.
      assert.ok(ssh('-F', port === 22 ? host : `[${host}]:${port}`, '-f', 'ours').includes(found.key))
    }
    assert.deepEqual(knownHosts.find('two.example.com', 22), [])
  })
})
