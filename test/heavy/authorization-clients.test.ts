/** Client libraries of SAP check the tokens of Sluice and call with them; so does a client of the management API. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import tls from 'node:tls'

import {
  type HttpDestination,
  type Service,
  transformServiceBindingToClientCredentialsDestination,
} from '@sap-cloud-sdk/connectivity'
import { executeHttpRequest } from '@sap-cloud-sdk/http-client'
import { createSecurityContext, XsuaaService } from '@sap/xssec'
import { SignJWT } from 'jose'

import {
  claimsOf,
  encodedPart,
  headOf,
  keyPairOf,
  openAuthorizationWorld,
  referenceIn,
  whoAmI,
  withGrants,
} from '../kit/authorization-world.ts'
import { opensslAuthority } from '../kit/openssl.ts'
import { type ClientKey, createTokenClient } from '../kit/token-client.ts'

const role = 'ESBMessaging.send'
const password = 'A-Good-Pass1-for-ida'

const world = await openAuthorizationWorld()
after(world.dispose)
const { sluice, client, ca, say, newKey, tokenOf, nameOf, isRefused } = world
/** Of one instance, and of another one. */
let bySecret: ClientKey
let ofOthers: ClientKey

before(async () => {
  // Libraries that cannot be told whom to trust take Node's word for it.
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ca])
  await say(['service-instance', 'create', 'library', '--role', role, ...withGrants('client_credentials', 'password')])
  await say(['service-instance', 'create', 'others', '--role', role])
  bySecret = await newKey('library', 'secret', 'secret')
  ofOthers = await newKey('others', 'secret', 'secret')
  await say(['user', 'create', 'ida', '--role', role], `${password}\n`)
})

const callAs = (token: string) => client.bearer(sluice.runtimeUrl + whoAmI, token)

describe('@sap/xssec', () => {
  /** The binding of a resource server: what it knows is the server and the client that tokens are for. */
  const serviceOf = ({ clientid }: ClientKey, domain = new URL(sluice.controlUrl).host) =>
    new XsuaaService({
      clientid,
      xsappname: clientid.replace(/^sb-/, ''),
      uaadomain: domain,
      url: sluice.controlUrl,
    })

  const contextOf = (jwt: string, key = bySecret) => createSecurityContext(serviceOf(key), { jwt })

  it('accepts a token of a client', async () => {
    const context = await contextOf(await tokenOf(bySecret))
    assert.equal(context.checkScope(role), true)
    assert.equal(context.checkScope('Other.role'), false)
    assert.equal(context.getClientId(), bySecret.clientid)
    assert.equal(context.getGrantType(), 'client_credentials')
    assert.equal(context.getLogonName(), null)
  })

  it('accepts a token of a user', async () => {
    const context = await contextOf(await tokenOf(bySecret, { grant_type: 'password', username: 'ida', password }))
    assert.equal(context.getLogonName(), 'ida')
    assert.equal(context.getUserName(), 'user/sluice/ida')
    assert.equal(context.checkScope(role), true)
  })

  type Break = (token: string) => Promise<string> | string
  const parts = (token: string) => token.split('.') as [string, string, string]
  /** Every claim as in a real token, signed by a key that is not the server's. */
  const resigned = (token: string, key: KeyObject, header: object = {}, claims: object = {}): Promise<string> =>
    new SignJWT({ ...claimsOf(token), ...claims })
      .setProtectedHeader({ ...headOf(token), alg: 'ES256', ...header })
      .sign(key)

  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  const broken: Readonly<Record<string, { readonly make: Break; readonly error: string }>> = {
    'for another audience': { make: () => tokenOf(ofOthers), error: 'WrongAudienceError' },
    'with a signature by another key': {
      make: (token) => resigned(token, foreign.privateKey),
      error: 'InvalidTokenSignatureError',
    },
    'with the algorithm none': {
      make: (token) => `${encodedPart({ ...headOf(token), alg: 'none' })}.${parts(token)[1]}.`,
      error: 'UnsupportedAlgorithmError',
    },
    'with a key that nobody knows': {
      make: (token) => resigned(token, foreign.privateKey, { kid: randomUUID() }),
      error: 'MissingKidError',
    },
    'of another zone': {
      make: (token) => resigned(token, foreign.privateKey, {}, { zid: randomUUID() }),
      error: 'WrongAudienceError',
    },
    'with a claim that was changed': {
      make(token) {
        const [head, , signature] = parts(token)
        return `${head}.${encodedPart({ ...claimsOf(token), scope: [role, 'Admin.all'] })}.${signature}`
      },
      error: 'InvalidTokenSignatureError',
    },
    'that is cut off': {
      make: (token) => token.slice(0, -8),
      error: 'Error',
    },
  }
  for (const [name, { make, error }] of Object.entries(broken))
    it(`refuses a token ${name}, and so does Sluice`, async () => {
      const token = await tokenOf(bySecret)
      assert.equal(await nameOf(token), bySecret.clientid)
      const bad = await make(token)
      await assert.rejects(contextOf(bad), (thrown: Error) => {
        assert.equal(thrown.name, error, String(thrown))
        return true
      })
      // A token of another client of ours is a good one here.
      if (name !== 'for another audience') await isRefused(bad)
    })

  it('refuses a token of another issuer that says where its own keys are, and nobody looks there', async () => {
    const token = await tokenOf(bySecret)
    const authority = opensslAuthority('/CN=Evil')
    const asked: string[] = []
    const keys = {
      keys: [{ ...foreign.publicKey.export({ format: 'jwk' }), kid: headOf(token)['kid'], alg: 'ES256' }],
    }
    const server = createServer(
      authority.issue({ subject: '/CN=localhost', usage: 'serverAuth' }),
      (request, answer) => {
        asked.push(request.url ?? '')
        answer.setHeader('content-type', 'application/json').end(JSON.stringify(keys))
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://localhost:${(server.address() as AddressInfo).port}`
    try {
      const more = { jku: `${url}/token_keys` }
      const bad = await resigned(token, foreign.privateKey, more, { iss: `${url}/oauth/token` })
      await assert.rejects(contextOf(bad), { name: 'InvalidTokenSignatureError' })
      await isRefused(bad)
      assert.deepEqual(asked, [])
    } finally {
      authority.dispose()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('refuses a token that has ended', async (test) => {
    const token = await tokenOf(bySecret)
    await contextOf(token)
    // It allows for clocks that are a minute behind.
    test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 3_600_000 + 61_000 })
    await assert.rejects(contextOf(token), { name: 'ExpiredTokenError' })
  })
})

describe('@sap-cloud-sdk', () => {
  /** What an application gets with its binding to a service key as `sluice service-key create` has written it. */
  async function destinationOf(key: ClientKey, showing?: { readonly cert: string; readonly key: string }) {
    const binding = {
      name: key.clientid,
      label: 'process-integration-runtime',
      tags: [],
      credentials: { ...key, url: sluice.controlUrl, certurl: sluice.controlUrl },
    }
    const options = { url: key.url, useCache: false }
    const destination = await transformServiceBindingToClientCredentialsDestination(binding as Service, options)
    return { ...destination, ...(showing && { mtlsKeyPair: showing }) } as HttpDestination
  }

  /** The kit keeps one credential for each client id, so each test has a client of its own. */
  async function newClient(name: string, type: 'secret' | 'certificate'): Promise<ClientKey> {
    await say(['service-instance', 'create', name, '--role', role])
    return newKey(name, 'key', type)
  }

  const call = (destination: HttpDestination) =>
    executeHttpRequest(destination, { method: 'get', url: '/http/sample/whoami' })

  it('gets a token by secret, and calls a flow', async () => {
    const key = await newClient('sdk-secret', 'secret')
    const { status, data } = await call(await destinationOf(key))
    assert.deepEqual([status, data.name, data.method], [200, key.clientid, 'bearer'])
  })

  it('gets a token by certificate, and calls a flow over a connection that shows it', async () => {
    const key = await newClient('sdk-certificate', 'certificate')
    await assert.rejects(call(await destinationOf(key)), { message: /401/ })
    const { status, data } = await call(await destinationOf(key, keyPairOf(key)))
    assert.deepEqual([status, data.name], [200, key.clientid])
  })

  it('is refused with a key that is gone', async () => {
    const key = await newClient('sdk-gone', 'secret')
    const destination = await destinationOf(key)
    assert.equal((await call(destination)).status, 200)
    await say(['service-key', 'delete', 'sdk-gone/key'])
    await assert.rejects(call(destination), { message: /401/ })
    await assert.rejects(destinationOf(key))
  })
})

describe('a client of the management API', () => {
  it('reads and writes with a token, within its roles', async () => {
    const roles = ['--role', 'WorkspacePackagesRead', '--role', 'WorkspacePackagesEdit']
    await say(['service-instance', 'create', 'ci', '--plan', 'api', ...roles])
    const key = await newKey('ci', 'key', 'secret')
    const token = await tokenOf(key)
    assert.deepEqual(claimsOf(token)['scope'], ['WorkspacePackagesRead', 'WorkspacePackagesEdit'])
    const api = `${sluice.controlUrl}/api/v1`
    const headers = { accept: 'application/json', 'x-csrf-token': 'fetch' }
    const listed = await client.bearer(`${api}/IntegrationPackages`, token, { headers })
    assert.equal(listed.status, 200, listed.text)
    const [cookie = ''] = [listed.headers['set-cookie'] ?? []].flat()
    const package_ = { Id: 'ByToken', Name: 'By token', ShortText: 'Made with a token' }
    const written = await client.bearer(`${api}/IntegrationPackages`, token, {
      headers: {
        ...headers,
        'content-type': 'application/json',
        'x-csrf-token': String(listed.headers['x-csrf-token']),
        cookie: cookie.split(';')[0] ?? '',
      },
      body: JSON.stringify(package_),
    })
    assert.equal(written.status, 201, written.text)
    assert.equal((await client.bearer(`${api}/AuditLogEntries`, token)).status, 403)
    // Whoever may call the API may not call flows by that, and the other way round.
    assert.equal((await callAs(token)).status, 403)
    assert.equal((await client.bearer(`${api}/IntegrationPackages`, await tokenOf(bySecret))).status, 403)
  })

  it('of a user has what that user may do', async () => {
    const grants = [...withGrants('client_credentials', 'password'), '--role', 'WorkspacePackagesRead']
    await say(['service-instance', 'create', 'console', '--plan', 'api', ...grants])
    const key = await newKey('console', 'key', 'secret')
    await say(['user', 'create', 'otto', '--role', 'MonitoringDataRead'], `${password}\n`)
    const form = { grant_type: 'password', username: 'otto', password }
    const { status, text, json } = await client.post(key.tokenurl, form, key)
    assert.equal(status, 200, text)
    const ask = (path: string) => client.bearer(`${sluice.controlUrl}/api/v1/${path}`, json.access_token)
    assert.equal((await ask('MessageProcessingLogs?$top=1')).status, 200)
    assert.equal((await ask('IntegrationPackages')).status, 403)
  })
})

describe('the record of refusals', () => {
  /** The record by the reference that the caller was given. */
  async function recordOf(reference: string): Promise<string> {
    assert.match(reference, /^[0-9A-Z]{8,}$/)
    await wait(1_200)
    return say(['refusals', '--reference', reference])
  }

  it('explains a refused token request, and holds no secret', async () => {
    const wrong = { ...bySecret, clientsecret: 'a-secret-that-is-wrong' }
    const { status, json, text } = await client.post(wrong.tokenurl, { grant_type: 'client_credentials' }, wrong)
    assert.deepEqual([status, json.error], [401, 'invalid_client'])
    assert.doesNotMatch(text, /secret is wrong|not known/)
    const record = await recordOf(referenceIn(text))
    assert.match(record, /oauth\.clientUnknown/)
    assert.ok(record.includes(bySecret.clientid))
    assert.ok(!record.includes(wrong.clientsecret))
  })

  it('explains a refused bearer, and holds no token', async () => {
    const token = await tokenOf(bySecret)
    const [head, payload, signature] = token.split('.') as [string, string, string]
    const bad = `${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    const { status, text, headers } = await callAs(bad)
    assert.equal(status, 401)
    assert.match(String(headers['www-authenticate']), /error="invalid_token"/)
    const record = await recordOf(referenceIn(text))
    assert.match(record, /token\.signature/)
    for (const part of [head, payload, signature]) assert.ok(!record.includes(part))
  })

  it('says which certificate a bound token wants', async () => {
    const byCertificate = await newKey('library', 'certificate', 'certificate')
    const by = createTokenClient({ ca, ...keyPairOf(byCertificate) })
    try {
      const { json } = await by.post(byCertificate.tokenurl, {
        grant_type: 'client_credentials',
        client_id: byCertificate.clientid,
      })
      const { text } = await callAs(json.access_token)
      const record = await recordOf(referenceIn(text))
      const { 'x5t#S256': thumbprint } = claimsOf(json.access_token)['cnf'] as Record<string, string>
      assert.match(record, /token\.binding/)
      assert.ok(record.includes(String(thumbprint)))
      assert.match(record, /no certificate/)
      assert.ok(!record.includes(json.access_token))
    } finally {
      by.close()
    }
  })
})
