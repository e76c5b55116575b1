import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'

import { inMemoryRegistry } from '../../test/kit/registry-store.ts'
import { testRun } from '../../test/kit/step.ts'
import { systemClock as clock } from '../base/index.ts'
import type { AccessTokenService } from '../flow/index.ts'
import { createKeystore, createSealer } from '../keystore/index.ts'
import { createSecrets, type Secrets } from '../secrets/index.ts'
import { createFlowOutbound } from './flow-outbound.ts'
import { createScriptAccessTokens } from './script-access-tokens.ts'

describe('access tokens for scripts', () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const grant = new URLSearchParams(`${new URL(request.url ?? '', 'http://x').search}&${body}`).get('grant_type')
      asked.push(String(grant))
      const token = { access_token: `at-${grant}`, token_type: 'Bearer', expires_in: 3600, refresh_token: 'rt-1' }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token))
    })
  })
  let secrets: Secrets
  let tokens: AccessTokenService

  before(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const tokenServiceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
    const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
    const keystore = await createKeystore({ store: inMemoryRegistry(), sealer, clock })
    secrets = await createSecrets({ store: inMemoryRegistry(), sealer, clock })
    tokens = createScriptAccessTokens({ secrets, outbound: createFlowOutbound({ secrets, keystore }) })
    const client = { tokenServiceUrl, clientId: 'c', clientSecret: 's' }
    await secrets.materials.create({ type: 'OAuth2ClientCredential', name: 'Client', fields: client }, 'ann')
    const person = { ...client, authorizationUrl: 'https://login.example/authorize', userName: 'anna' }
    await secrets.materials.create({ type: 'OAuth2AuthorizationCode', name: 'Mail', fields: person }, 'ann')
  })
  after(() => server.close())

  it('are those of the person who agreed, once there is one', async () => {
    await assert.rejects(tokens.token('authorizationCode', 'Mail', testRun()), { code: 'secrets.notAuthorized' })
    const address = await secrets.authorizationCodes.authorizationUrl('Mail', 'https://own.example/back', 'ann')
    const state = new URL(address).searchParams.get('state') ?? ''
    await secrets.authorizationCodes.finishAuthorization({ state, code: 'c0de' })
    assert.deepEqual(await tokens.token('authorizationCode', 'Mail', testRun()), {
      accessToken: 'at-refresh_token',
      user: 'anna',
    })
  })

  it('are those that receivers are shown for the client, asked for once', async () => {
    asked.length = 0
    for (let n = 0; n < 2; n += 1) {
      const token = await tokens.token('clientCredentials', 'Client', testRun())
      assert.deepEqual(token, { accessToken: 'at-client_credentials', user: '' })
    }
    assert.deepEqual(asked, ['client_credentials'])
  })

  for (const [grant, alias, code] of [
    ['authorizationCode', 'Gone', 'secrets.materialUnknown'],
    ['authorizationCode', 'Client', 'secrets.materialUnknown'],
    ['clientCredentials', 'Gone', 'outbound.credentialMissing'],
    ['clientCredentials', 'Mail', 'outbound.credentialUnfit'],
    // Scripts are granted names, not what an expression makes of them.
    ['clientCredentials', "${'Client'}", undefined],
    ['clientCredentials', '${header.x}Client', undefined],
  ] as const)
    it(`are not there for ${grant} of ${alias}`, async () => {
      await assert.rejects(tokens.token(grant, alias, testRun()), code === undefined ? Error : { code })
    })
})
