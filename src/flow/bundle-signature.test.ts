import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'

import { bundleOf, mainProcess, messageEnd, messageStart } from '../../test/kit/bundle.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { readZip, writeZip } from '../formats/index.ts'
import { signaturePath, signedContent, verifyBundle } from './bundle-signature.ts'
import { signBundle } from './bundle-signature-making.ts'
import { trustPublishers } from './bundle-signature-trust.ts'
import type { Bundle } from './model.ts'
import { bundleOfFiles } from './read-bundle.ts'

describe('the signature of a bundle', () => {
  const folder = temporaryFolder('sign')
  const at = (name: string): string => join(folder, name)
  const openssl = (...argv: string[]): string =>
    execFileSync('openssl', argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString()
  const pem = (name: string): string => readFileSync(at(name), 'utf8')
  const keyOf = (name: string): KeyObject => createPrivateKey(pem(`${name}.key`))
  const trust = (...names: string[]) =>
    trustPublishers(
      names.map((name) => pem(`${name}.pem`)),
      Date.now,
    )
  let bundle: Bundle

  function certificate(name: string, issuer: string | undefined, newkey: string[], ...extensions: string[]): void {
    const more = extensions.flatMap((one) => ['-addext', one])
    const by = issuer === undefined ? [] : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`]
    openssl(
      'req',
      '-x509',
      '-newkey',
      ...newkey,
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      ...by,
      ...more,
    )
  }
  const rsa = ['rsa:2048']
  const ec = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']

  before(async () => {
    certificate('ca', undefined, ec, 'keyUsage=keyCertSign')
    certificate('publisher', undefined, rsa)
    certificate('elliptic', undefined, ec)
    certificate('employee', 'ca', ec, 'basicConstraints=critical,CA:false', 'extendedKeyUsage=codeSigning')
    certificate('server', 'ca', ec, 'basicConstraints=critical,CA:false', 'extendedKeyUsage=serverAuth')
    certificate('stranger', undefined, ec)
    const processes = [mainProcess([messageStart(), messageEnd()])]
    bundle = await bundleOf({ id: 'Flow', processes, parameters: { size: '1' }, files: { 'a.groovy': 'a' } })
  })

  const withFile = (path: string, content: string | Buffer): Bundle =>
    bundleOfFiles(new Map([...bundle.files, [path, Buffer.from(content)]]))
  async function signedBy(name: string, ...above: string[]): Promise<Bundle> {
    const key = { privateKey: keyOf(name), certificates: [name, ...above].map((one) => pem(`${one}.pem`)) }
    return withFile(signaturePath, await signBundle(bundle, key, Date.now()))
  }

  for (const [signer, trusted, expected] of [
    ['publisher', ['publisher'], 'valid'],
    ['elliptic', ['publisher', 'elliptic'], 'valid'],
    ['employee', ['ca'], 'valid'],
    ['server', ['ca'], 'untrusted'],
    ['server', ['server'], 'valid'],
    ['stranger', ['publisher', 'ca'], 'untrusted'],
    ['publisher', [], 'untrusted'],
  ] as const) {
    it(`by ${signer} is ${expected} where ${trusted.join(' and ') || 'nobody'} is trusted`, async () => {
      const { status, ...rest } = await verifyBundle(await signedBy(signer), trust(...trusted))
      assert.equal(status, expected)
      assert.match(JSON.stringify(rest), new RegExp(`CN=${signer}`))
    })
  }

  it('is the same for a folder and for any zip, and holds when it was packed', async () => {
    const signed = await signedBy('publisher')
    const packed = bundleOfFiles(await readZip(await writeZip(signed.files)))
    assert.equal((await verifyBundle(packed, trust('publisher'))).status, 'valid')
  })

  it('does not cover the values of parameters', async () => {
    const signed = await signedBy('publisher')
    const files = new Map([...signed.files, ['src/main/resources/parameters.prop', Buffer.from('size=2')]])
    assert.equal((await verifyBundle(bundleOfFiles(files), trust('publisher'))).status, 'valid')
  })

  it('is invalid after every change of a file', async () => {
    const signed = await signedBy('publisher')
    for (const path of ['src/main/resources/script/a.groovy', 'src/main/resources/script/new.groovy', 'lib/evil.jar']) {
      const files = new Map([...signed.files, [path, Buffer.from('b')]])
      assert.deepEqual(await verifyBundle(bundleOfFiles(files), trust('publisher')), {
        status: 'invalid',
        why: 'the files are not those that were signed',
      })
    }
    const fewer = new Map([...signed.files].filter(([path]) => !path.endsWith('a.groovy')))
    assert.equal((await verifyBundle(bundleOfFiles(fewer), trust('publisher'))).status, 'invalid')
  })

  it('is invalid where its value was changed, and never that of another where its envelope was', async () => {
    const signed = await signedBy('publisher')
    const before = await verifyBundle(signed, trust('publisher'))
    const signature = signed.files.get(signaturePath) ?? Buffer.alloc(0)
    for (let index = 0; index < signature.length; index += 5) {
      const changed = Buffer.from(signature)
      changed[index] = (changed[index] ?? 0) ^ 0x01
      const found = await verifyBundle(withFile(signaturePath, changed), trust('publisher'))
      // The value of an RSA signature of 2048 bits stands at the end.
      if (index >= signature.length - 256) assert.equal(found.status, 'invalid', String(index))
      // What stands around it is not signed: it may be written in another way, but says nothing else.
      else if (found.status === 'valid') assert.deepEqual(found, before)
    }
  })

  it('is none where there is none, and invalid where it is something else', async () => {
    assert.deepEqual(await verifyBundle(bundle, trust('publisher')), { status: 'none' })
    for (const content of ['', 'x', Buffer.alloc(1000, 0x30), Buffer.alloc(300_000)])
      assert.equal((await verifyBundle(withFile(signaturePath, content), trust('publisher'))).status, 'invalid')
  })

  it('is understood by openssl', async () => {
    writeFileSync(at('content'), signedContent(bundle))
    for (const name of ['publisher', 'elliptic']) {
      writeFileSync(at('made.p7s'), (await signedBy(name)).files.get(signaturePath) ?? '')
      const argv = [
        'cms',
        '-verify',
        '-inform',
        'DER',
        '-in',
        'made.p7s',
        '-content',
        'content',
        '-binary',
        '-CAfile',
        `${name}.pem`,
        '-purpose',
        'any',
        '-out',
        'out',
      ]
      const { status, stderr } = spawnSync('openssl', argv, { cwd: folder })
      assert.equal(status, 0, stderr.toString())
    }
  })

  for (const [how, more, expected] of [
    ['as it signs by itself', [], 'valid'],
    ['with SHA-512', ['-md', 'sha512'], 'valid'],
    ['with SHA-1', ['-md', 'sha1'], 'invalid'],
    ['with PSS', ['-keyopt', 'rsa_padding_mode:pss'], 'invalid'],
    ['without attributes', ['-noattr'], 'invalid'],
    ['with its content', ['-nodetach'], 'invalid'],
    ['without its certificate', ['-nocerts'], 'invalid'],
    ['by its key identifier', ['-keyid'], 'invalid'],
  ] as const) {
    it(`made by openssl ${how} is ${expected}`, async () => {
      writeFileSync(at('content'), signedContent(bundle))
      openssl(
        'cms',
        '-sign',
        '-binary',
        '-in',
        'content',
        '-signer',
        'publisher.pem',
        '-inkey',
        'publisher.key',
        '-outform',
        'DER',
        '-out',
        'theirs.p7s',
        ...more,
      )
      const theirs = withFile(signaturePath, readFileSync(at('theirs.p7s')))
      assert.equal((await verifyBundle(theirs, trust('publisher'))).status, expected)
    })
  }

  it('needs a key that fits', async () => {
    const key = { privateKey: keyOf('publisher'), certificates: [pem('elliptic.pem')] }
    await assert.rejects(signBundle(bundle, key, 0), { code: 'flow.signingKeyUnfit' })
  })
})
