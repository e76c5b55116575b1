import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'

import { Provider } from 'oidc-provider'

import { lentKey, oauthCredential } from '../../test/kit/receiver-world.ts'
import { services, testRun } from '../../test/kit/step.ts'
import { systemClock } from '../base/index.ts'
import type { LentKey } from '../flow/index.ts'
import { createBuiltInCa, openBuiltInCa } from '../keystore/index.ts'
import { Exchange } from '../message/index.ts'
import { clientCredentials } from './profiles/client-credentials.ts'

describe('client credentials at an authorization server that is not ours', () => {
  let server: Server
  let provider: Provider
  let key: LentKey
  let trusted: { readonly id: string; readonly certificates: readonly string[] }
  let origin = ''

  before(async () => {
    const issued = await createBuiltInCa({ clock: systemClock, name: 'Provider' })
    const ca = openBuiltInCa({ certificate: issued.chain, key: issued.key, clock: systemClock })
    const { chain, key: serverKey } = await ca.issueServer({ hostNames: ['localhost'] })
    key = lentKey('client', await ca.issueClient({ commonName: 'client-1', days: 1, keySize: 2048 }))
    trusted = { id: 'x', certificates: [issued.chain] }
    server = createServer({
      cert: chain,
      key: serverKey,
      ca: issued.chain,
      requestCert: true,
      rejectUnauthorized: false,
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `https://localhost:${(server.address() as AddressInfo).port}`
    const client = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }
    const jwk = { ...key.key.export({ format: 'jwk' }), kid: key.id, use: 'sig', alg: 'RS256' }
    const { kty, n, e, kid, use, alg } = jwk as Record<string, string>
    provider = new Provider(origin, {
      clients: [
        { ...client, client_id: 'basic', client_secret: 's+/ %:', token_endpoint_auth_method: 'client_secret_basic' },
        { ...client, client_id: 'post', client_secret: 's+/ %:', token_endpoint_auth_method: 'client_secret_post' },
        {
          ...client,
          client_id: 'jwt',
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [{ kty, n, e, kid, use, alg }] as never },
        },
        {
          ...client,
          client_id: 'mtls',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_subject_dn: 'client-1',
        },
      ],
      clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth'],
      scopes: ['orders'],
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        mTLS: {
          enabled: true,
          tlsClientAuth: true,
          getCertificate: (context) => (context.socket as unknown as SecureSocket).getPeerX509Certificate()?.toString(),
          certificateAuthorized: (context) => (context.socket as unknown as SecureSocket).authorized,
          certificateSubjectMatches: (context, _property, expected) =>
            (context.socket as unknown as SecureSocket)
              .getPeerX509Certificate()
              ?.subject.split('\n')
              .includes(`CN=${expected}`) ?? false,
        },
      },
    })
    server.on('request', provider.callback())
  })
  after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  for (const [clientId, clientAuthentication, clientSecret] of [
    ['basic', 'header', 's+/ %:'],
    ['post', 'body', 's+/ %:'],
    ['jwt', 'privateKeyJwt', ''],
    ['mtls', 'certificate', ''],
  ] as const)
    it(`are taken from a client that proves itself by ${clientAuthentication}`, async () => {
      const shown = { clientId, clientAuthentication, scope: 'orders', keyPairAlias: 'client' }
      const credential = oauthCredential({ origin }, { shown, secret: { clientSecret } })
      const outbound = {
        oauthCredential: async () => credential,
        keyPair: async () => key,
        trustedServers: async () => trusted,
      }
      const prove = clientCredentials.compile({
        credentialName: 'Client',
        keyAlias: '',
        user: '',
        subjectPattern: '',
        certificateCarrier: 'tls',
      })
      const run = testRun({ services: services({ outbound }) })
      const { headers } = await prove({ exchange: new Exchange(), run, origin: 'https://receiver.example' })
      const token = await provider.ClientCredentials.find(String(headers[1]).slice('Bearer '.length))
      assert.deepEqual([token?.clientId, token?.scope], [clientId, 'orders'])
    })
})

interface SecureSocket {
  readonly authorized: boolean
  readonly getPeerX509Certificate: () => { readonly subject: string; readonly toString: () => string } | undefined
}
