import { X509Certificate } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { AssertionReader } from '../../src/assertions/index.ts'
import {
  certificateJudge,
  createAuthorizationServer,
  createRevocations,
  createSigningKeys,
  createTokenVerifier,
  type Peer,
} from '../../src/auth/index.ts'
import { type Clock, silentLog, systemClock } from '../../src/base/index.ts'
import { createIdentity, type InstanceRequest, type KeyRequest } from '../../src/identity/index.ts'
import type { Refused } from '../../src/inbound/index.ts'
import { createBuiltInCa, createSealer, fingerprintOf, openBuiltInCa } from '../../src/keystore/index.ts'
import { createTrust } from '../../src/trust/index.ts'
import { newTenantStores } from './tenant-stores.ts'

export const samlType = 'urn:ietf:params:oauth:grant-type:saml2-bearer'
export const jwtType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const exchangeType = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
export const allGrants = [
  'client_credentials',
  'authorization_code',
  'refresh_token',
  'password',
  samlType,
  jwtType,
  exchangeType,
]
export const redirectUri = 'https://app.example/callback'
export const password = 'correct horse battery'

/** `user:NAME` and `user:NAME:GROUP` are right; everything else fails a check. Assertions have tests of their own. */
const reader: AssertionReader = {
  saml: async (assertion) => read(assertion, 'saml'),
  jwt: async (assertion) => read(assertion, 'jwt'),
}

function read(assertion: string, kind: string) {
  const [word, user, group] = assertion.split(':')
  if (word !== 'user' || user === undefined) {
    const failure = { check: `${kind}.audience`, message: 'The audience is another one', expected: 'us', found: 'them' }
    return { failed: true, ...failure } as const
  }
  const attributes = { mail: `${user}@example.com`, country: 'DE' }
  const groups = group === undefined ? [] : [group]
  return { user, issuer: 'https://idp.example', id: '1', attributes, groups, until: Date.now() + 60_000, actors: [] }
}

/** An answer of the server, read. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  readonly json: any
}

/** An authorization server with real parts, over plain HTTP; who is at the other end of the connection a test says. */
export async function openAuthorizationWorld() {
  const { stores, dispose } = await newTenantStores()
  let offset = 0
  const clock: Clock = { now: () => Date.now() + offset, monotonic: () => performance.now() + offset }
  const sealer = createSealer({ key: Buffer.alloc(32, 7), tenant: 'default' })
  const made = await createBuiltInCa({ clock: systemClock, name: 'Test' })
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock: systemClock })
  const trust = createTrust({ clock, log: silentLog })
  trust.set({
    anchors: [{ kind: 'ca', certificate: new X509Certificate(made.chain) }],
    crls: [],
    publicRoots: false,
    revocation: 'off',
    minimumRsaBits: 2048,
  })
  const identity = await createIdentity({ store: stores.registry, sealer, clock, ca })
  const keys = await createSigningKeys({ store: stores.authorization, sealer, clock })
  await keys.maintain()
  const revocations = await createRevocations({ store: stores.revokedTokens, clock })
  let base = ''
  const verifier = createTokenVerifier({
    keys,
    revocations,
    identity,
    issuer: () => `${base}/oauth/token`,
    tenant: 'default',
    clock,
  })
  const refusals: Refused[] = []
  const errors: string[] = []
  const log = {
    ...silentLog,
    error: (words: string, fields?: object) => void errors.push(words + JSON.stringify(fields)),
  }
  const policy = { secretInQuery: true }
  const server = createAuthorizationServer({
    identity,
    keys,
    verifier,
    revocations,
    stores: { models: stores.authorizationModels, spent: stores.spentIds, revoked: stores.revokedTokens },
    sealer,
    assertions: reader,
    judge: certificateJudge({ identity, trust, clock, log: silentLog }),
    base: () => base,
    tenant: 'default',
    secretInQuery: () => policy.secretInQuery,
    record: (refused) => `R${refusals.push(refused)}`,
    clock,
    log,
  })
  const nobody: Peer = { remoteAddress: '192.0.2.1', certificate: undefined, fingerprint: undefined }
  const peers = new Map<string, Peer>()
  const http = createServer((request, response) => {
    // The control address ends TLS: cookies are sent over nothing else.
    Object.assign(request.socket, { encrypted: true })
    server.handle(request, response, peers.get(String(request.headers['x-peer'])) ?? nobody)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const port = (http.address() as AddressInfo).port
  const url = `http://127.0.0.1:${port}`
  base = `https://127.0.0.1:${port}`

  /** From now on a request with `x-peer: NAME` comes with this certificate. */
  function presents(name: string, chain: string): void {
    const certificate = new X509Certificate(chain)
    peers.set(name, { remoteAddress: '192.0.2.1', certificate, fingerprint: fingerprintOf(certificate) })
  }

  async function call(path: string, init: RequestInit = {}): Promise<Answered> {
    const response = await fetch(url + path, { redirect: 'manual', ...init })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
  }

  const form = (
    parameters: Readonly<Record<string, string>> | string,
    headers: Readonly<Record<string, string>> = {},
    path = '/oauth/token',
  ): Promise<Answered> =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString(),
    })

  async function client(parameters: Partial<InstanceRequest> = {}, key: KeyRequest = { name: 'key', type: 'secret' }) {
    const name = parameters.name ?? `client ${identity.instances.list().length}`
    const instance = await identity.instances.create(
      { plan: 'integration-flow', grantTypes: allGrants, redirectUris: [redirectUri], ...parameters, name },
      'test',
    )
    const opened = await identity.keys.create(instance.id, key, 'test')
    const { clientId } = opened.key
    const secret = opened.secret ?? ''
    return { instance, opened, clientId, secret, basic: { authorization: basicOf(clientId, secret) } }
  }

  await identity.roles.create({ name: 'Orders.read' }, 'test')
  await identity.users.create({ name: 'Ann', password, roles: ['ESBMessaging.send', 'Orders.read'] }, 'test')
  await identity.groups.create({ name: 'buyers', roles: ['Orders.read'] }, 'test')
  await identity.identityProviders.create({ name: 'corporate', issuer: 'https://idp.example', ...providerKey }, 'test')

  return {
    url,
    base: () => base,
    identity,
    keys,
    revocations,
    verifier,
    stores,
    sealer,
    clock,
    server,
    refusals,
    errors,
    policy,
    presents,
    call,
    form,
    client,
    /** Milliseconds by which all that is measured is later from now on. */
    later: (milliseconds: number) => void (offset += milliseconds),
    async dispose() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      await dispose()
    },
  }
}

export type AuthorizationWorld = Awaited<ReturnType<typeof openAuthorizationWorld>>

const providerKey = {
  jwks: [
    {
      kty: 'EC',
      crv: 'P-256',
      kid: 'k',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
  ],
}

export const basicOf = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

/** What a token says, unverified. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
export const claimsIn = (token: string): any =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
