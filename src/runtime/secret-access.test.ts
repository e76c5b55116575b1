import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'

import { testRun } from '../../test/kit/step.ts'
import type { OAuthCredential, SecretServices, SecretUse } from '../flow/index.ts'
import { createLentSecrets } from '../redaction/index.ts'
import type { Wanted } from './flow-grants.ts'
import { guardSecrets, type SecretRead, type SecretSources } from './secret-access.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const credential: OAuthCredential = {
  alias: 'Client',
  type: 'OAuth2ClientCredential',
  shown: { clientId: 'c-1', keyPairAlias: 'signer' },
  secret: { clientSecret: 'client-secret-1', refreshToken: '' },
}

function open(mayHave: (wanted: Wanted) => boolean = () => true) {
  const asked: string[] = []
  const reads: SecretRead[] = []
  let up = true
  const sources: SecretSources = {
    credentials: {
      async userCredential(alias) {
        asked.push(alias)
        if (!up) throw new Error('down')
        return { user: 'me', password: `secret of ${alias}` }
      },
      secureParameter: async (alias) => `parameter ${alias}`,
    },
    keys: { privateKey: async () => privateKey, certificateChain: async () => [Buffer.from('certificate')] },
    outbound: {
      oauthCredential: async () => credential,
      accessToken: async () => 'the-access-token',
      keyPair: async (alias) => ({ alias, id: 'id', chain: '', key: privateKey }),
      mayImpersonate: async () => {},
      trustedServers: async () => ({ id: '', certificates: [] }),
      typeOf: async () => 'keypair',
    },
    accessTokens: { token: async (grant, alias) => ({ accessToken: `${grant} of ${alias}`, user: 'ann' }) },
  }
  const guarded = guardSecrets({
    sources,
    mayHave: (_, wanted) => mayHave(wanted),
    mayCall: (_, { name }) => name === 'known',
    secretRead: (read) => reads.push(read),
  })
  const of = (use: SecretUse): SecretServices => (use === 'use' ? guarded.forFlows : guarded.forScripts)
  return {
    of,
    tokens: guarded.forFlows.accessTokens,
    outbound: guarded.forFlows.outbound,
    asked,
    reads,
    setUp: (is: boolean) => (up = is),
  }
}

const newRun = (messageId = 'm') => testRun({ messageId, lent: createLentSecrets() })

describe('a secret', () => {
  it('is asked for and audited once a message, and remembered there', async () => {
    const { of, asked, reads } = open()
    const [one, two] = [newRun('one'), newRun('two')]
    for (const run of [one, one, two]) await of('read').credentials.userCredential('box', run)
    assert.deepEqual(asked, ['box', 'box'])
    assert.deepEqual(
      reads.map(({ messageId, alias, use, granted }) => [messageId, alias, use, granted]),
      [
        ['one', 'box', 'read', true],
        ['two', 'box', 'read', true],
      ],
    )
    assert.equal(one.lent.redactText('the secret of box'), 'the ***')
    assert.equal(newRun().lent.redactText('the secret of box'), 'the secret of box')
  })

  it('that could not be had is asked for again', async () => {
    const { of, setUp } = open()
    const run = newRun()
    setUp(false)
    await assert.rejects(of('use').credentials.userCredential('box', run), /down/)
    setUp(true)
    assert.equal((await of('use').credentials.userCredential('box', run)).password, 'secret of box')
  })

  for (const [name, ask, kind, words] of [
    ['credential', ({ credentials }, run) => credentials.userCredential('a', run), 'credential', /credential 'a'/],
    [
      'parameter',
      ({ credentials }, run) => credentials.secureParameter('a', run),
      'credential',
      /secure parameter 'a'/,
    ],
    ['key', ({ keys }, run) => keys.privateKey('a', run), 'key', /private key 'a'/],
    ['certificate', ({ keys }, run) => keys.certificateChain('a', run), 'key', /certificate 'a'/],
  ] as const satisfies readonly (readonly [
    string,
    (secrets: SecretServices, run: ReturnType<typeof newRun>) => Promise<unknown>,
    string,
    RegExp,
  ])[]) {
    it(`without a grant is lent to nobody: ${name}`, async () => {
      const { of, asked, reads } = open(({ use }) => use === 'use')
      const run = newRun()
      await ask(of('use'), run)
      assert.equal(asked.length, name === 'credential' ? 1 : 0)
      await assert.rejects(ask(of('read'), run), (error: Error) => {
        assert.equal((error as { code?: string }).code, 'runtime.grantMissing')
        assert.match(error.message, words)
        assert.match(error.message, /flow 'TestFlow' may not read/)
        return true
      })
      assert.deepEqual(
        reads.map(({ kind, use, granted }) => [kind, use, granted]),
        [
          [kind, 'use', true],
          [kind, 'read', false],
        ],
      )
    })
  }

  it('that is an access token is read by scripts: by grant, audited, and remembered', async () => {
    const { tokens, reads } = open(
      ({ kind, alias, use }) => kind === 'credential' && alias === 'Mail' && use === 'read',
    )
    const run = newRun()
    assert.equal((await tokens?.token('authorizationCode', 'Mail', run))?.user, 'ann')
    assert.equal(run.lent.redactText('<authorizationCode of Mail>'), '<***>')
    for (const grant of ['authorizationCode', 'clientCredentials'] as const)
      await assert.rejects(async () => tokens?.token(grant, 'Other', run), { code: 'runtime.grantMissing' })
    assert.deepEqual(
      reads.map(({ kind, alias, use, granted }) => [kind, alias, use, granted]),
      [
        ['credential', 'Mail', 'read', true],
        ['credential', 'Other', 'read', false],
        ['credential', 'Other', 'read', false],
      ],
    )
  })

  it('that is a key is remembered in all its forms when a script reads it, and not when an adapter uses it', async () => {
    const { of } = open()
    const [used, read] = [newRun(), newRun()]
    await of('use').keys.privateKey('pair', used)
    await of('read').keys.privateKey('pair', read)
    const { d = '' } = privateKey.export({ format: 'jwk' })
    const exponent = Buffer.from(d, 'base64url').toString('hex')
    for (const text of [
      privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
      d,
      exponent,
      BigInt(`0x${exponent}`).toString(),
    ]) {
      assert.match(read.lent.redactText(`a ${text} b`), /^a \*\*\*=* b$/)
      assert.equal(used.lent.redactText(text), text)
    }
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    assert.match(read.lent.redactText(pem), /^-----BEGIN PRIVATE KEY-----\n\*\*\*=*\n?-----END/)
    const old = privateKey.export({ format: 'pem', type: 'pkcs1' }).toString()
    assert.match(read.lent.redactText(old), /^-----BEGIN RSA PRIVATE KEY-----\n\*\*\*=*\n?-----END/)
  })
})

describe('what authentication at receivers is made of', () => {
  it('is granted and audited once a message, and remembered to be kept out of what is recorded', async () => {
    const { outbound, reads } = open()
    const run = newRun()
    for (let i = 0; i < 3; i++) {
      await outbound.oauthCredential('Client', run)
      await outbound.accessToken('Mail', run)
      await outbound.keyPair('pair', run)
      await outbound.mayImpersonate('Client', run)
    }
    assert.deepEqual(
      reads.map(({ kind, alias, use }) => `${kind} ${alias} ${use}`),
      ['credential Client use', 'credential Mail use', 'key pair use', 'impersonation Client use'],
    )
    assert.equal(run.lent.redactText('client-secret-1 the-access-token'), '*** ***')
    const basic = Buffer.from('c-1:client-secret-1').toString('base64')
    assert.doesNotMatch(run.lent.redactText(`Basic ${basic}`), new RegExp(basic))
  })

  it('is lent to nobody without a grant', async () => {
    const { outbound } = open(() => false)
    const cases = [
      [outbound.oauthCredential('a', newRun()), 'runtime.grantMissing'],
      [outbound.accessToken('a', newRun()), 'runtime.grantMissing'],
      [outbound.keyPair('a', newRun()), 'runtime.grantMissing'],
      [outbound.mayImpersonate('a', newRun()), 'runtime.impersonationMissing'],
    ] as const
    for (const [asked, code] of cases) await assert.rejects(asked, { code })
  })

  it('a key comes with the credential that names it, lent to this very message', async () => {
    const wanted: Wanted[] = []
    const { outbound } = open((asked) => {
      wanted.push(asked)
      return asked.kind === 'credential' || asked.implied === true
    })
    const run = newRun()
    const lent = await outbound.oauthCredential('Client', run)
    assert.equal((await outbound.keyPair('signer', run, lent))?.alias, 'signer')
    assert.equal((await outbound.keyPair('', run))?.alias, 'sap_cloudintegrationcertificate')
    await assert.rejects(outbound.keyPair('other', run, lent), { code: 'runtime.grantMissing' })
    await assert.rejects(outbound.keyPair('signer', newRun('other'), lent), { code: 'runtime.grantMissing' })
    await assert.rejects(outbound.keyPair('mine', run, { ...lent, shown: { keyPairAlias: 'mine' } }), {
      code: 'runtime.grantMissing',
    })
    assert.ok(wanted.every(({ use }) => use === 'use'))
  })
})
