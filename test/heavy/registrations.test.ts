/** What an administrator may give where a certificate or a role should be, right and wrong: each wrong one has its own answer. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { createApiCaller } from '../kit/caller.ts'
import { callOnce, type Credential } from '../kit/door-call.ts'
import { type Api, create, newInstance, newKey, registerKey } from '../kit/door-world.ts'
import { leafOf, type OpensslAuthority, opensslAuthority, opensslSelfSigned } from '../kit/openssl.ts'
import { type RunningSluice, startSluice } from '../kit/sluice.ts'

const issuer = '/O=Reg/CN=Reg Root'
let sluice: RunningSluice
let api: Api
let root: OpensslAuthority
let foreign: OpensslAuthority
let instance = ''
let other = ''
let count = 0

before(async () => {
  sluice = await startSluice()
  api = createApiCaller(sluice)
  root = opensslAuthority(issuer)
  foreign = opensslAuthority('/O=Foreign/CN=Foreign Root')
  await create(api, 'TrustAnchors', { Name: 'Reg', Certificate: root.certificate })
  instance = await newInstance(api, 'reg', 'integration-flow', ['ESBMessaging.send'])
  other = await newInstance(api, 'other', 'integration-flow', ['ESBMessaging.send'])
  await create(api, 'Users', { Name: 'reg', Roles: '[]' })
})
after(async () => {
  api?.close()
  root?.dispose()
  foreign?.dispose()
  await sluice?.dispose()
})

const own = (name: string, more: object = {}) => root.issue({ subject: `/O=Reg/CN=${name}`, ...more })
const day = 86_400_000

/** Gives a certificate for a new key; the code of the answer, '' when it was taken, and its words. */
async function give(certificate: string, more: object = {}, into = instance) {
  const parameters = { 'key-type': 'certificate_external', 'X.509': certificate, ...more }
  return post('ServiceKeys', { InstanceId: into, Name: `given-${++count}`, Parameters: JSON.stringify(parameters) })
}
async function post(set: string, body: object) {
  const { status, text } = await api.write('POST', set, body)
  const { error, d } = JSON.parse(text) as { error?: { code: string; message: { value: string } }; d?: Row }
  return { status, code: error?.code ?? '', words: error?.message.value ?? '', row: d }
}
type Row = Readonly<Record<string, string>>

describe('a certificate', () => {
  const chain = () => opensslAuthorityBelow().issue({ subject: '/O=Reg/CN=chained' }).cert
  const opensslAuthorityBelow = () => root.intermediate('/O=Reg/CN=Reg Issuing')
  const taken: Readonly<Record<string, () => string>> = {
    'as PEM': () => own('pem').cert,
    'in one line, with blanks': () => own('blanks').cert.trim().replaceAll('\n', ' '),
    'in one line, without': () => own('line').cert.replaceAll('\n', ''),
    'in one line, with \\n': () => own('escaped').cert.replaceAll('\n', String.raw`\n`),
    'with Windows line ends': () => own('windows').cert.replaceAll('\n', '\r\n'),
    'as base64 of DER': () => new X509Certificate(own('der').cert).raw.toString('base64'),
    'with its chain': chain,
    'that is valid from tomorrow on': () => own('early', { from: Date.now() + day }).cert,
    'self-signed, which pins it': () => opensslSelfSigned({ subject: '/CN=self' }).cert,
  }
  for (const [what, certificate] of Object.entries(taken))
    it(`${what} is taken`, async () => {
      const { status, words, row } = await give(certificate())
      assert.equal(status, 201, words)
      assert.match(row?.['CertificateSubject'] ?? '', /^CN=(?!Reg)/)
    })

  const refused: Readonly<
    Record<string, readonly [code: string, words: RegExp, certificate: () => string, more?: object]>
  > = {
    'that is garbage': ['keystore.certificateUnreadable', /certificate/, () => 'garbage'],
    'that is garbage in PEM': [
      'keystore.certificateUnreadable',
      /certificate/,
      () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    ],
    'that is cut off': ['keystore.certificateUnreadable', /certificate/, () => own('cut').cert.slice(0, 300)],
    'that is empty': ['', /./, () => ''],
    'that is a private key': ['identity.certificateIsPrivateKey', /private key/, () => own('key').key],
    'with its private key': [
      'identity.certificateIsPrivateKey',
      /private key/,
      () => {
        const { cert, key } = own('both')
        return cert + key
      },
    ],
    'that is a request': ['keystore.certificateUnreadable', /request/, request],
    'of a CA': ['identity.certificateOfAuthority', /CN=Reg Root/, () => root.certificate],
    'beside another': ['identity.certificatesSeveral', /CN=a.*CN=b/, () => own('a').cert + own('b').cert],
    'that has expired': [
      'identity.certificateExpired',
      /expired on 20/,
      () => own('old', { until: Date.now() - 1000 }).cert,
    ],
    'for servers': [
      'identity.certificateNotForClients',
      /CN=server/,
      () => own('server', { usage: 'serverAuth' }).cert,
    ],
    'with a weak key': ['identity.certificateWeak', /1024.*2048/, () => own('weak', { key: 'rsa1024' }).cert],
    'with a word for a flag': [
      'api.parametersInvalid',
      /pin-certificate/,
      () => own('x').cert,
      { 'pin-certificate': 'yes' },
    ],
    'with what is no parameter': ['api.parametersInvalid', /colour/, () => own('x').cert, { colour: 'red' }],
    'of a type that there is not': ['api.parametersInvalid', /key-type/, () => own('x').cert, { 'key-type': 'x' }],
  }
  for (const [what, [code, words, certificate, more]] of Object.entries(refused))
    it(`${what} is refused`, async () => {
      const answer = await give(certificate(), more)
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.words}`)
      assert.ok(answer.code.startsWith(code), `${answer.code}: ${answer.words}`)
      assert.match(answer.words, words)
    })

  it('identifies one thing: whoever gives it again is told what has it', async () => {
    const pair = own('once')
    await registerKey(api, instance, 'first', pair)
    const Certificate = pair.cert
    const again = [
      await give(Certificate),
      await give(Certificate, {}, other),
      await post('CertificateUserMappings', {
        User: 'reg',
        Certificate: Buffer.from(leafOf(Certificate)).toString('base64'),
      }),
      await post('ChannelCertificates', { Name: 'c', Certificate }),
      await post('TrustedProxies', { Name: 'p', Certificate }),
    ]
    for (const { status, code, words } of again) {
      assert.deepEqual([status, code], [409, 'identity.certificateTaken'])
      assert.match(words, /service key 'first' of the instance 'reg'/)
    }
  })

  it('cannot be told apart by names alone: two unpinned keys with one pair are refused', async () => {
    const pair = () => own('twin').cert
    const unpinned = { 'pin-certificate': false }
    assert.equal((await give(pair(), unpinned)).status, 201)
    for (const more of [unpinned, {}])
      for (const into of [instance, other]) {
        const { status, code } = await give(pair(), more, into)
        assert.deepEqual([status, code], [409, 'identity.certificatesAmbiguous'])
      }
  })

  it('that nobody vouches for is not renewed by its names, pinned or not', async () => {
    for (const [name, issue] of [
      [
        'self',
        (hours: number) => opensslSelfSigned({ subject: '/O=Loose/CN=self', from: Date.now() - hours * 3_600_000 }),
      ],
      [
        'foreign',
        (hours: number) => foreign.issue({ subject: '/O=Loose/CN=foreign', from: Date.now() - hours * 3_600_000 }),
      ],
    ] as const) {
      const first = issue(5)
      const { status } = await give(first.cert, { 'pin-certificate': false })
      const newer = issue(1)
      const ca = readFileSync(sluice.file('ca.pem'), 'utf8')
      const call = (credential: Credential) =>
        callOnce(sluice.runtimeUrl, { ca, path: '/http/sample/whoami', method: 'GET', credential })
      assert.equal((await call(first)).status, status === 201 ? 200 : 401, name)
      assert.equal((await call(newer)).status, 401, name)
    }
  })

  it('may be one of several of the same names, while all are pinned', async () => {
    for (const into of [instance, other, instance]) assert.equal((await give(own('same').cert, {}, into)).status, 201)
  })
})

/** A certificate request, which is what people send instead. */
function request(): string {
  const words = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    '/dev/null',
    '-subj',
    '/CN=x',
  ]
  return execFileSync('openssl', ['req', '-new', ...words], { stdio: ['ignore', 'pipe', 'ignore'] }).toString()
}

describe('other things', () => {
  const cases: readonly (readonly [string, number, RegExp, () => Promise<{ status: number; words: string }>])[] = [
    ['a role that there is not', 400, /Nowhere\.send/, () => instanceWith({ roles: ['Nowhere.send'] })],
    ['a role in another case', 400, /esbmessaging/i, () => instanceWith({ roles: ['esbmessaging.send'] })],
    ['a token that counts a minute', 400, /3600/, () => instanceWith({ 'token-validity': 60 })],
    ['a redirect that is no address', 400, /redirect/i, () => instanceWith({ 'redirect-uris': ['nowhere'] })],
    ['a generated certificate of 366 days', 400, /365/, () => keyWith({ 'key-type': 'certificate', validity: 366 })],
    ['a generated key of 1024 bits', 400, /2048/, () => keyWith({ 'key-type': 'certificate', 'key-length': 1024 })],
    ['no JSON', 400, /Parameters/, () => post('ServiceKeys', { InstanceId: instance, Name: 'j', Parameters: '{' })],
    [
      'a client certificate as CA',
      400,
      /anchor/,
      () => post('TrustAnchors', { Certificate: own('no-ca', { until: Date.now() - 1000 }).cert }),
    ],
    [
      'a certificate as revocation list',
      400,
      /revocation list|CRL/,
      () => post('CertificateRevocationLists', { RevocationList: root.certificate }),
    ],
    [
      'a network that is none',
      400,
      /300/,
      () => post('InboundPolicies', { Address: '/http/x', Networks: '["300.0.0.0/8"]' }),
    ],
    [
      'a way to call that there is not',
      400,
      /magic/,
      () => post('InboundPolicies', { Address: '/http/x', Methods: '["magic"]' }),
    ],
    [
      'a password of three letters',
      400,
      /password/i,
      () => post('Users', { Name: 'short', Roles: '[]', Password: 'abc' }),
    ],
  ]
  const instanceWith = (parameters: object) =>
    post('ServiceInstances', {
      Name: `given-${++count}`,
      Plan: 'integration-flow',
      Parameters: JSON.stringify(parameters),
    })
  const keyWith = (parameters: object) =>
    post('ServiceKeys', { InstanceId: instance, Name: `given-${++count}`, Parameters: JSON.stringify(parameters) })
  for (const [what, status, words, ask] of cases)
    it(`${what} is refused`, async () => {
      const answer = await ask()
      assert.equal(answer.status, status, answer.words)
      assert.match(answer.words, words)
    })

  it('a role in use is not deleted, and who has it is named', async () => {
    await create(api, 'UserRoles', { Name: 'Reg.send', Description: '' })
    await newInstance(api, 'reg-role', 'integration-flow', ['Reg.send'])
    const { status, text } = await api.write('DELETE', "UserRoles('Reg.send')")
    assert.equal(status, 409)
    assert.match(text, /reg-role/)
  })

  it('a key is shown in both shapes', async () => {
    const { id } = await newKey(api, instance, 'shapes', { 'key-type': 'certificate', validity: 1 })
    for (const [shape, pick] of [
      ['flat', (document: Shape) => document],
      ['oauth', (document: Shape) => document.oauth],
    ] as const) {
      const { text } = await api.call(`/api/v1/ServiceKeys('${id}')/$value?shape=${shape}`)
      const { clientid, certificate, key, url } = pick(JSON.parse(text) as Shape) ?? {}
      assert.ok(clientid && certificate?.includes('BEGIN CERTIFICATE') && key?.includes('PRIVATE KEY') && url, text)
    }
  })
})

interface Shape {
  readonly clientid?: string
  readonly certificate?: string
  readonly key?: string
  readonly url?: string
  readonly oauth?: Shape
}
