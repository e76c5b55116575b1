import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import { newAuthority } from '../../test/kit/authority.ts'
import { bundleOf } from '../../test/kit/bundle.ts'
import { services, testRun } from '../../test/kit/step.ts'
import { temporaryFolder } from '../../test/kit/temporary-folder.ts'
import { Fault, silentLog } from '../base/index.ts'
import { Exchange } from '../message/index.ts'
import { createGroovyHost, createScripts, findJava, type GroovyHost, serviceCalls } from './index.ts'

const java = await findJava(process.env).catch(() => undefined)

const fault = (code: string, kind: 'missing' | 'denied' | 'unavailable', message: string): Fault =>
  new Fault({ code, kind, message, remedy: '' })

const pair = (type: 'rsa' | 'ec' | 'ed25519'): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } => {
  if (type === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
}

const source = (statements: string): string => `
import com.sap.it.api.ITApiFactory
import com.sap.it.api.keystore.KeystoreService
import com.sap.it.api.keystore.exception.KeystoreException
import com.sap.it.api.securestore.SecureStoreService
import com.sap.it.api.securestore.UserCredential
import com.sap.it.api.securestore.exception.CredentialNotFoundException
import com.sap.it.api.securestore.exception.SecureStoreException
def processData(message) {
  SecureStoreService store = ITApiFactory.getService(SecureStoreService.class, null)
  KeystoreService keys = ITApiFactory.getApi(KeystoreService, null)
  ${statements}
  return message
}`

describe(`secrets in Groovy scripts${java ? '' : ' (no Java on this machine: nothing to test)'}`, () => {
  if (java === undefined) return
  const cacheFolder = temporaryFolder('groovy')
  const keys = { rsa: pair('rsa'), ec: pair('ec'), ed25519: pair('ed25519') }
  let host: GroovyHost
  let certified: { readonly key: KeyObject; readonly chain: readonly X509Certificate[] }

  before(async () => {
    host = createGroovyHost({ cacheFolder, log: silentLog, calls: serviceCalls })
    const root = await newAuthority('CN=Root')
    const { chain, key } = await (await root.intermediate('CN=Between')).issue({ subject: 'CN=Leaf' })
    const pems = chain.match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----/g) ?? []
    certified = { key: createPrivateKey(key), chain: pems.map((pem) => new X509Certificate(pem)) }
  })
  after(async () => {
    await host.close()
  })

  const { credentials } = services({
    credentials: {
      async userCredential(alias) {
        if (alias === 'parameter') return { user: '', password: 'välue' }
        if (alias === 'denied') throw fault('runtime.grantMissing', 'denied', 'no grant')
        if (alias === 'down') throw fault('secrets.down', 'unavailable', 'not now')
        if (alias !== 'box') throw fault('secrets.credentialUnknown', 'missing', `no ${alias}`)
        return { user: 'me', password: 'pass', properties: { companyId: 'ACME' } }
      },
    },
  })
  const forScripts = {
    credentials,
    keys: {
      async privateKey(alias: string) {
        if (alias === 'denied') throw fault('runtime.grantMissing', 'denied', 'no grant')
        return alias === 'certified' ? certified.key : keys[alias as keyof typeof keys]?.privateKey
      },
      certificateChain: async (alias: string) => (alias === 'certified' ? certified.chain.map(({ raw }) => raw) : []),
    },
  }
  let trusted: readonly string[] = []
  const outbound = { trustedServers: async () => ({ id: '', certificates: trusted }) }

  async function run(statements: string): Promise<Exchange> {
    const scripts = createScripts({ host, collections: () => undefined })
    const bundle = await bundleOf({ id: 'Secrets', processes: [], files: { 'a.groovy': source(statements) } })
    const given = { language: 'groovy', bundle, file: 'a.groovy', functionName: '', collection: '' } as const
    const exchange = new Exchange()
    await (await scripts.compile(given)).run(exchange, testRun({ services: services({ forScripts, outbound }) }))
    return exchange
  }

  for (const [what, expression, expected] of [
    [
      'a user credential',
      `def c = store.getUserCredential('box'); [c.getUsername(), new String(c.getPassword()), c.password instanceof char[]]`,
      '[me, pass, true]',
    ],
    ['its password as text', `store.getUserCredential('box').getPassword().toString()`, 'pass'],
    ['its properties', `store.getUserCredential('box').getCredentialProperties()`, '{companyId=ACME}'],
    [
      'a secure parameter as a credential',
      `def c = store.getUserCredential('parameter'); [c.username, new String(c.password)]`,
      '[, välue]',
    ],
    ['no password in the text of a credential', `store.getUserCredential('box').toString()`, 'UserCredential(me)'],
    [
      'a CredentialNotFoundException where there is none',
      `try { store.getUserCredential('nope') } catch (CredentialNotFoundException e) { e.message }`,
      'no nope',
    ],
    [
      'that it is a SecureStoreException',
      `try { store.getUserCredential('nope') } catch (SecureStoreException e) { e.class.name }`,
      'com.sap.it.api.securestore.exception.CredentialNotFoundException',
    ],
    [
      'a SecureStoreException where the store fails',
      `try { store.getUserCredential('down') } catch (SecureStoreException e) { e.class.name + ': ' + e.message }`,
      'com.sap.it.api.securestore.exception.SecureStoreException: not now',
    ],
    [
      'no key where there is none',
      `[keys.getKey('nope'), keys.getCertificate('nope'), keys.getCertificateChain('nope'), keys.getKeyPair('nope')]`,
      '[null, null, null, null]',
    ],
    [
      'a KeystoreException for key managers of nothing',
      `try { keys.getKeyManagers('nope') } catch (KeystoreException e) { e.class.name }`,
      'com.sap.it.api.keystore.exception.KeystoreException',
    ],
    ['a certificate', `keys.getCertificate('certified').subjectX500Principal.name`, 'CN=Leaf'],
    [
      'a chain, leaf first',
      `keys.getCertificateChain('certified')*.subjectX500Principal*.name`,
      '[CN=Leaf, CN=Between]',
    ],
    [
      'a key pair that fits together',
      `
      def pair = keys.getKeyPair('certified')
      def signer = java.security.Signature.getInstance('SHA256withECDSA')
      signer.initSign(pair.private); signer.update('x'.bytes); def signed = signer.sign()
      signer.initVerify(pair.public); signer.update('x'.bytes); signer.verify(signed)`,
      'true',
    ],
    [
      'key managers',
      `def m = keys.getKeyManagers('certified')[0]; [m.getCertificateChain('certified').length, m.getPrivateKey('certified').algorithm]`,
      '[2, EC]',
    ],
  ] as const) {
    it(`gives ${what}`, async () => {
      const exchange = await run(`message.setBody(String.valueOf({ -> ${expression} }()))`)
      assert.equal(exchange.body.text(), expected)
    })
  }

  it('gives trust managers that trust what the keystore holds, and nothing else', async () => {
    const lines = `
      def chain = keys.getCertificateChain('certified')
      def judge = { -> keys.getTrustManagers()[0].checkClientTrusted([chain[0], chain[1]] as java.security.cert.X509Certificate[], 'ECDHE_ECDSA'); 'trusted' }
      message.setBody({ -> try { judge() } catch (java.security.GeneralSecurityException | RuntimeException e) { 'refused' } }())`
    assert.equal((await run(lines)).body.text(), 'refused')
    trusted = [certified.chain[1]?.toString() ?? '']
    assert.equal((await run(lines)).body.text(), 'trusted')
    trusted = []
  })

  for (const [type, algorithm] of [
    ['rsa', 'SHA256withRSA'],
    ['ec', 'SHA256withECDSA'],
    ['ed25519', 'Ed25519'],
  ] as const) {
    it(`gives a ${type} key that signs`, async () => {
      const exchange = await run(`
        java.security.Key key = keys.getKey('${type}')
        def signer = java.security.Signature.getInstance('${algorithm}')
        signer.initSign((java.security.PrivateKey) key)
        signer.update('message'.bytes)
        message.setBody(signer.sign())`)
      const hash = type === 'ed25519' ? null : 'sha256'
      assert.ok(verify(hash, Buffer.from('message'), keys[type].publicKey, exchange.body.bytes()))
    })
  }

  for (const call of [`store.getUserCredential('denied')`, `keys.getKey('denied')`]) {
    it(`fails the message of ${call} without a grant, whatever the script does about it`, async () => {
      await assert.rejects(run(call), { code: 'runtime.grantMissing' })
      await assert.rejects(run(`try { ${call} } catch (Exception e) { }`), { code: 'runtime.grantMissing' })
    })
  }
})
