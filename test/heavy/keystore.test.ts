/** Keys and keystores in both directions with the programs that make them: openssl, keytool, ssh-keygen, puttygen. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, beforeEach, describe, it } from 'node:test'

import { systemClock as clock } from '../../src/base/index.ts'
import {
  certificateOf,
  chainFile,
  createKeystore,
  createSealer,
  type Keystore,
  pemOf,
  publicKeystore,
  sshKeyOf,
} from '../../src/keystore/index.ts'
import { inMemoryRegistry } from '../kit/registry-store.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

const tenant = { owner: 'tenant', user: 'ada' } as const
const password = 'correct horse'
const subject = { commonName: 'me', country: 'DE' }
const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })

let folder: string
let keystore: Keystore
let store: ReturnType<typeof inMemoryRegistry>

const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const file = (name: string): Buffer => readFileSync(join(folder, name))
const write = (name: string, content: string | Uint8Array): void =>
  writeFileSync(join(folder, name), content, { mode: 0o600 })
const keytool = (...args: readonly string[]): string =>
  run('keytool', ...args.map((each) => (each === 'PASSWORD' ? password : each)))

const ten = (name: string) => ['-subj', name, '-days', '10'] as const

before(() => {
  folder = temporaryFolder('keystore')
  write('password', password)
  // A CA and a leaf of it, with its key.
  run(
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    ...ten('/CN=CA'),
  )
  run('openssl', 'req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=leaf')
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '10', '-out', 'leaf.pem']
  run('openssl', 'x509', '-req', '-in', 'leaf.csr', ...signing)
  write('both.pem', Buffer.concat([file('leaf.pem'), file('ca.pem')]))
})
beforeEach(async () => {
  store = inMemoryRegistry()
  keystore = await createKeystore({ store, sealer, clock })
})

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: { code: string }) => error.code,
  )
const publicOf = (key: string | Buffer) => createPublicKey(key).export({ type: 'spki', format: 'pem' })
const pair = async (alias: string) => {
  const { key, chain } = await keystore.lend(alias)
  return { key: pemOf(key), chain, open: publicOf(pemOf(key)) }
}

describe('PKCS#12', () => {
  const forms: readonly (readonly [string, readonly string[]])[] = [
    ['of today', []],
    ['old: RC2 and 3DES', ['-legacy']],
    ['old: 3DES', ['-legacy', '-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']],
    ['AES-128', ['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC']],
  ]
  for (const [name, flags] of forms)
    it(`${name} is imported`, async () => {
      const given = ['-in', 'leaf.pem', '-inkey', 'leaf.key', '-certfile', 'ca.pem', '-name', 'Orders', ...flags]
      run('openssl', 'pkcs12', '-export', ...given, '-passout', 'file:password', '-out', 'x.p12')
      const [outcome] = await keystore.importKeystore({ content: file('x.p12'), password, option: 'add' }, tenant)
      assert.deepEqual([outcome?.alias, outcome?.status], ['Orders', 'created'])
      assert.equal((await pair('Orders')).open, publicOf(file('leaf.key')))
      assert.equal((await pair('Orders')).chain.match(/BEGIN/g)?.length, 2)
    })

  it('goes out with the private key for openssl and keytool, where that is allowed', async () => {
    keystore = await createKeystore({ store, sealer, clock, exportPrivateKeys: true })
    await keystore.importKey(
      'mine',
      { content: Buffer.concat([file('leaf.key'), file('both.pem')]), password: '', type: 'keypair' },
      tenant,
    )
    write('out.p12', await keystore.exportPrivateKey('mine', password, 'ada'))
    const shown = run('openssl', 'pkcs12', '-in', 'out.p12', '-passin', 'file:password', '-nodes')
    const [key = ''] = /-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/.exec(shown) ?? []
    assert.equal(publicOf(key), publicOf(file('leaf.key')))
    assert.match(keytool('-list', '-keystore', 'out.p12', '-storepass', 'PASSWORD'), /mine.*PrivateKeyEntry/)
  })
})

describe('Java keystores', () => {
  for (const type of ['JKS', 'JCEKS', 'PKCS12'])
    it(`${type} of keytool is imported with all its entries`, async () => {
      const common = ['-keystore', `x.${type}`, '-storetype', type, '-storepass', 'PASSWORD', '-noprompt']
      const made = ['-keyalg', 'RSA', '-keysize', '2048', '-dname', 'CN=java, O=Ä', '-validity', '10']
      keytool('-genkeypair', '-alias', 'java pair', ...made, ...common)
      keytool(
        '-genkeypair',
        '-alias',
        'curve',
        '-keyalg',
        'EC',
        '-groupname',
        'secp384r1',
        '-dname',
        'CN=ec',
        ...common,
      )
      keytool('-importcert', '-alias', 'the ca', '-file', 'ca.pem', ...common)
      const wanted = ['curve created', 'java pair created', 'the ca created']
      if (type === 'JCEKS') keytool('-genseckey', '-alias', 'secret', '-keyalg', 'AES', '-keysize', '256', ...common)
      keytool('-importcert', '-alias', 'zz last', '-file', 'leaf.pem', ...common)
      const content = file(`x.${type}`)
      const outcomes = await keystore.importKeystore({ content, password, option: 'add' }, tenant)
      assert.deepEqual(outcomes.map(({ alias, status }) => `${alias} ${status}`).sort(), [...wanted, 'zz last created'])
      write('theirs.pem', keytool('-exportcert', '-rfc', '-alias', 'java pair', ...common.slice(0, -1)))
      assert.equal((await pair('java pair')).open, publicOf(file('theirs.pem')))
      assert.equal((await keystore.find('curve'))?.keyType, 'EC secp384r1')
      const again = await keystore.importKeystore({ content, password, option: 'add' }, tenant)
      assert.deepEqual(new Set(again.map(({ status }) => status)), new Set(['unchanged']))
      const before = JSON.stringify(store.records())
      assert.match(
        await codeOf(keystore.importKeystore({ content, password: 'wrong', option: 'replace' }, tenant)),
        /asswordWrong/,
      )
      const damaged = Buffer.from(content)
      damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1
      assert.match(
        await codeOf(keystore.importKeystore({ content: damaged, password, option: 'replace' }, tenant)),
        /asswordWrong|Unreadable/,
      )
      assert.match(
        await codeOf(
          keystore.importKeystore({ content: content.subarray(0, 900), password, option: 'replace' }, tenant),
        ),
        /asswordWrong|Unreadable/,
      )
      assert.equal(JSON.stringify(store.records()), before)
    })

  it('an empty one is refused', async () => {
    const common = ['-keystore', 'empty.jks', '-storetype', 'JKS', '-storepass', 'PASSWORD', '-noprompt']
    keytool('-importcert', '-alias', 'a', '-file', 'ca.pem', ...common)
    keytool('-delete', '-alias', 'a', ...common)
    const given = { content: file('empty.jks'), password, option: 'replace' } as const
    assert.equal(await codeOf(keystore.importKeystore(given, tenant)), 'keystore.keystoreEmpty')
  })

  for (const format of ['JKS', 'JCEKS'] as const)
    it(`the public content as ${format} is read by keytool`, async () => {
      await keystore.importKey(
        'Pair Ä',
        { content: Buffer.concat([file('leaf.key'), file('both.pem')]), password: '', type: 'keypair' },
        tenant,
      )
      await keystore.putCertificate('root', file('ca.pem'), tenant)
      write('public', publicKeystore(await keystore.list(), format))
      // Java knows no empty password here but takes the content without one.
      const program = `import java.security.*; import java.io.*; import java.util.*;
        public class Show { public static void main(String[] a) throws Exception {
          KeyStore k = KeyStore.getInstance(a[0]); k.load(new FileInputStream(a[1]), null);
          for (String s : new TreeSet<>(Collections.list(k.aliases()))) System.out.println(
            Base64.getEncoder().encodeToString(s.getBytes("UTF-8")) + " " + k.isCertificateEntry(s));
          k.load(new FileInputStream(a[1]), new char[0]); System.out.println("checked"); } }`
      write('Show.java', program)
      const lines = run('java', 'Show.java', format, 'public').trim().split('\n')
      const names = ['pair ä', 'pair ä_1', 'root'].map((each) => `${Buffer.from(each).toString('base64')} true`)
      assert.deepEqual(lines, [...names, 'checked'])
    })
})

describe('single keys', () => {
  const openssl: readonly (readonly [string, readonly string[]])[] = [
    ['PKCS#8', ['pkcs8', '-topk8', '-nocrypt', '-in', 'leaf.key']],
    ['PKCS#8, encrypted', ['pkcs8', '-topk8', '-in', 'leaf.key', '-passout', 'file:password']],
    ['PKCS#8, encrypted, DER', ['pkcs8', '-topk8', '-in', 'leaf.key', '-outform', 'DER', '-passout', 'file:password']],
    ['PKCS#8, 3DES', ['pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES', '-in', 'leaf.key', '-passout', 'file:password']],
    ['PKCS#1', ['rsa', '-traditional', '-in', 'leaf.key']],
    ['PKCS#1, encrypted', ['rsa', '-traditional', '-aes256', '-in', 'leaf.key', '-passout', 'file:password']],
    ['PKCS#1, DER', ['rsa', '-traditional', '-in', 'leaf.key', '-outform', 'DER']],
  ]
  for (const [name, args] of openssl)
    it(`${name} of openssl`, async () => {
      run('openssl', ...args, '-out', 'x.key')
      const given = { content: file('x.key'), type: 'rsa', subject } as const
      const shown = await keystore.importKey('mine', { ...given, password }, tenant)
      assert.deepEqual([shown.subject, shown.type], ['CN=me,C=DE', 'rsa'])
      assert.equal((await pair('mine')).open, publicOf(file('leaf.key')))
      if (name.includes('encrypted'))
        for (const wrong of ['', 'wrong'])
          assert.equal(
            await codeOf(keystore.importKey('no', { ...given, password: wrong }, tenant)),
            'keystore.filePasswordWrong',
          )
    })

  const kinds = [
    ['rsa', '3072'],
    ['ecdsa', '256'],
    ['ecdsa', '384'],
    ['ecdsa', '521'],
    ['ed25519', ''],
  ] as const
  for (const [type, bits] of kinds) {
    for (const phrase of ['', password])
      it(`${type} ${bits} of ssh-keygen, ${phrase === '' ? 'open' : 'encrypted'}, and of puttygen`, async () => {
        rmSync(join(folder, 'id'), { force: true })
        run(
          'ssh-keygen',
          '-q',
          '-t',
          type,
          ...(bits === '' ? [] : ['-b', bits]),
          '-a',
          '4',
          '-N',
          phrase,
          '-C',
          'x',
          '-f',
          'id',
        )
        const given = { type: 'ssh', subject } as const
        await keystore.importKey('ssh', { ...given, content: file('id'), password: phrase }, tenant)
        const theirs = file('id.pub').toString().split(' ').slice(0, 2).join(' ')
        const entry = await keystore.find('ssh')
        assert.ok(entry)
        assert.ok(sshKeyOf(entry).startsWith(`${theirs} `))
        if (phrase !== '')
          assert.equal(
            await codeOf(keystore.importKey('no', { ...given, content: file('id'), password: 'x' }, tenant)),
            'keystore.filePasswordWrong',
          )
        for (const version of ['2', '3']) {
          write('new', phrase)
          const words =
            phrase === '' ? ['--new-passphrase', 'new'] : ['--old-passphrase', 'password', '--new-passphrase', 'new']
          run('puttygen', 'id', ...words, '-O', 'private', '-o', 'id.ppk', '--ppk-param', `version=${version}`)
          const alias = `putty ${version}`
          await keystore.importKey(alias, { ...given, content: file('id.ppk'), password: phrase }, tenant)
          assert.equal((await pair(alias)).open, (await pair('ssh')).open)
          if (phrase !== '')
            assert.equal(
              await codeOf(keystore.importKey('no', { ...given, content: file('id.ppk'), password: 'x' }, tenant)),
              'keystore.filePasswordWrong',
            )
        }
      })
    it(`${type} ${bits} generated here works with ssh-keygen and openssl`, async () => {
      const keyType = { rsa: 'RSA', ecdsa: 'EC', ed25519: 'ED25519' }[type]
      const request = { ...subject, keyType, ...(bits !== '' && { keySize: Number(bits) }) }
      const entry = await keystore.generate('made', 'ssh', request, tenant)
      write('made.pub', sshKeyOf(entry))
      assert.match(run('ssh-keygen', '-l', '-f', 'made.pub'), /^\d+ SHA256:/)
      write('made.pem', certificateOf(entry))
      assert.match(run('openssl', 'verify', '-CAfile', 'made.pem', 'made.pem'), /OK/)
      write('made.csr', await keystore.signingRequest('made'))
      assert.match(run('openssl', 'req', '-in', 'made.csr', '-verify', '-noout', '-subject'), /CN ?= ?me/)
      const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '10', '-out', 'made.crt']
      run('openssl', 'x509', '-req', '-in', 'made.csr', ...signing)
      run(
        'openssl',
        'crl2pkcs7',
        '-nocrl',
        '-certfile',
        'made.crt',
        '-certfile',
        'ca.pem',
        '-outform',
        'DER',
        '-out',
        'made.p7b',
      )
      const answered = await keystore.signingResponse('made', file('made.p7b'), tenant)
      assert.equal(answered.chain.match(/BEGIN/g)?.length, 2)
      write('chain.p7b', chainFile(answered))
      assert.equal(run('openssl', 'pkcs7', '-in', 'chain.p7b', '-print_certs').match(/BEGIN/g)?.length, 2)
      assert.match(keytool('-printcert', '-file', 'chain.p7b'), /CN=me/)
      assert.equal(createPrivateKey((await pair('made')).key).asymmetricKeyType, keyType.toLowerCase())
    })
  }

  it('a PKI path of Java is read', async () => {
    const program = `import java.security.cert.*; import java.io.*; import java.util.*;
      public class Path { public static void main(String[] a) throws Exception {
        CertificateFactory f = CertificateFactory.getInstance("X.509");
        List<Certificate> l = new ArrayList<>(f.generateCertificates(new FileInputStream("both.pem")));
        try (FileOutputStream o = new FileOutputStream("x.pkipath")) { o.write(f.generateCertPath(l).getEncoded("PkiPath")); } } }`
    write('Path.java', program)
    run('java', 'Path.java')
    await keystore.importKey(
      'mine',
      { content: Buffer.concat([file('leaf.key'), file('leaf.pem')]), password: '', type: 'keypair' },
      tenant,
    )
    const shown = await keystore.signingResponse('mine', file('x.pkipath'), tenant)
    assert.equal(shown.chain.match(/BEGIN/g)?.length, 2)
  })
})
