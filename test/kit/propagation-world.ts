/** A sender that Sluice trusts, flows that pass the user on in every way, and a second server that says who arrived. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

import { type AuthorizationWorld, grant, openAuthorizationWorld, referenceIn } from './authorization-world.ts'
import {
  externalCall,
  flowBundle,
  mainProcess,
  messageEnd,
  messageStart,
  receiverChannel,
  senderChannel,
} from './bundle.ts'
import { createApiCaller } from './caller.ts'
import { deploy } from './deploy.ts'
import { type AssertionWish, newSigner, signByXmlsec, type Signer } from './foreign-assertions.ts'
import { freePort } from './real-servers.ts'
import { clientOfSecond, type SecondServer, startSecondServer } from './second-server.ts'
import { type ClientKey, createTokenClient, type HttpAnswer, type TokenClient } from './token-client.ts'

export const issuer = 'https://portal.example'

type Settings = Readonly<Record<string, string>>

/** The receivers of the flows that are there. */
export const flows: Readonly<Record<string, Settings>> = {
  Saml: { authenticationMethod: 'OAuth2 SAML Bearer Assertion', credentialName: 'SECOND_SAML' },
  Jwt: { authenticationMethod: 'OAuth2 JWT Bearer', credentialName: 'SECOND_JWT' },
  Exchange: { authenticationMethod: 'OAuth2 Token Exchange', credentialName: 'SECOND_JWT' },
  Certificate: { authenticationMethod: 'Principal Propagation', privateKeyAlias: 'user-ca' },
  Code: { authenticationMethod: 'OAuth2 Authorization Code', credentialName: 'SECOND_CODE' },
  Technical: { authenticationMethod: 'Client Certificate', privateKeyAlias: 'technical' },
}
/** The flows that pass on who called; the others call as somebody whom an administrator chose. */
export const propagating = ['Saml', 'Jwt', 'Exchange', 'Certificate'] as const

export interface PropagationWorld
  extends Pick<AuthorizationWorld, 'say' | 'file' | 'readKey' | 'newKey' | 'sluice' | 'restart' | 'dispose'> {
  readonly second: SecondServer
  /** Trusts both servers. */
  readonly client: TokenClient
  readonly sender: Signer
  /** Of the sender. */
  readonly key: ClientKey
  /** A flow that asks the second server who has come. */
  readonly whoFlow: (id: string, settings: Settings, path?: string) => Promise<Buffer>
  readonly wishFor: (user: string, more?: Partial<AssertionWish>) => AssertionWish
  /** The request of the sender for a token. */
  readonly present: (assertion: string, encoding?: 'base64url' | 'base64', by?: ClientKey) => Promise<HttpAnswer>
  readonly tokenOf: (user: string) => Promise<string>
  readonly revoke: (token: string) => Promise<void>
  readonly callFlow: (id: string, token: string, headers?: Settings) => Promise<HttpAnswer>
  /** Who has arrived at the second server. */
  readonly arrived: (id: string, token: string) => Promise<string>
  /** The record of a refusal, which holds none of the texts. */
  readonly recordOf: (answer: HttpAnswer, ...hidden: readonly string[]) => Promise<string>
}

const whoFlow = (id: string, settings: Settings, address: string): Promise<Buffer> =>
  flowBundle({
    id,
    // The meanest case for users: cookies of the receiver are kept for all messages of the flow.
    settings: { httpSessionHandling: 'onIntegrationFlow' },
    channels: [
      senderChannel('HTTPS', { urlPath: `/propagation/${id}`, xsrfProtection: '0' }),
      receiverChannel('HTTP', 'Call', {
        httpAddressWithoutQuery: address,
        httpAddressQuery: '',
        httpMethod: 'GET',
        httpRequestTimeout: '60000',
        proxyType: 'default',
        allowedRequestHeaders: '',
        allowedResponseHeaders: '',
        ...settings,
      }),
    ],
    processes: [mainProcess([messageStart(), externalCall('Call'), messageEnd()])],
  })

/** Everything that the flows name: the keys of ours, whom we trust, and what the second server knows us by. */
async function furnish({ sluice, say, file }: AuthorizationWorld, second: SecondServer): Promise<void> {
  async function importFile(alias: string, kind: 'certificate' | 'key', pem: string): Promise<void> {
    writeFileSync(file(`${alias}.pem`), pem)
    const flags = ['--alias', alias, '--as', kind, '--no-password', '--fingerprint-verified']
    await say(['key', 'import', file(`${alias}.pem`), ...flags])
  }
  await importFile('second-ca', 'certificate', second.ca)
  await say(['key', 'generate', 'assertions', '--cn', 'sluice', '--country', 'DE', '--bits', '2048'])
  await say(['key', 'export-public', 'assertions', '--out', file('assertions.pem')])
  second.trustAssertionsOf(readFileSync(file('assertions.pem'), 'utf8'))
  for (const [alias, name] of [['user-ca', 'User CA'] as const, ['technical', 'technical'] as const]) {
    const { cert, key } = newSigner(name)
    await importFile(alias, 'key', key + cert)
    second.trustUsersOf(cert)
  }
  const { id, secret } = clientOfSecond
  const api = createApiCaller(sluice)
  try {
    for (const [set, body] of materialsFor(second.url)) {
      const { status, text } = await api.write('POST', set, body)
      assert.ok(status < 300, text)
    }
  } finally {
    api.close()
  }
  const code = [
    '--authorization-url',
    `${second.url}/auth`,
    '--token-url',
    `${second.url}/token`,
    '--send-as',
    'header',
  ]
  const words = [...code, '--client-id', id, '--scope', 'openid offline_access']
  await say(['oauth-credential', 'set', 'SECOND_CODE', '--type', 'authorization-code', ...words], `${secret}\n`)
}

function materialsFor(url: string): readonly (readonly [string, object])[] {
  const { id, secret } = clientOfSecond
  const token = { TokenServiceUrl: `${url}/token`, Audience: 'second', KeyPairAlias: 'assertions' }
  const client = { ClientId: id, ClientSecret: secret, ClientAuthentication: 'header' }
  const technical = { ClientKey: id, TokenServiceUser: id, TokenServicePassword: secret }
  return [
    ['OAuth2SamlBearerAssertions', { Name: 'SECOND_SAML', TargetSystemType: 'generic', ...token, ...technical }],
    ['OAuth2ClientCredentials', { Name: 'SECOND_JWT', GrantType: 'body', ...token, ...client }],
  ]
}

/** @param wanted the flows that are deployed */
export async function openPropagationWorld(wanted: readonly string[] = Object.keys(flows)): Promise<PropagationWorld> {
  // The same addresses after a restart: the issuer is one of them.
  const [control, runtime] = [await freePort(), await freePort()]
  const world = await openAuthorizationWorld({
    SLUICE_CONTROL_PORT: String(control),
    SLUICE_RUNTIME_PORT: String(runtime),
  })
  const { say, file } = world
  const second = await startSecondServer(`${world.sluice.controlUrl}/itspaces/odata/api/v1/OAuthTokenFromCode`)
  const client = createTokenClient({ ca: world.ca + second.ca })
  const sender = newSigner('portal.example')
  writeFileSync(file('portal.pem'), sender.cert)
  await say(['trust-sender', 'Portal', '--issuer', issuer, '--cert', file('portal.pem'), '--out', file('portal.json')])
  const key = world.readKey('portal.json')
  await furnish(world, second)
  const made = wanted.map((id) => whoFlow(id, flows[id] ?? {}, `${second.url}/whoami`))
  await deploy(world.sluice, ...(await Promise.all(made)))

  const wishFor: PropagationWorld['wishFor'] = (user, more = {}) => ({
    issuer,
    user,
    audience: key.tokenurl,
    recipient: key.tokenurl,
    ...more,
  })
  const present: PropagationWorld['present'] = (assertion, encoding = 'base64url', by = key) =>
    client.post(
      by.tokenurl,
      { grant_type: grant('saml2-bearer'), assertion: Buffer.from(assertion).toString(encoding) },
      by,
    )
  const callFlow: PropagationWorld['callFlow'] = (id, token, headers = {}) =>
    client.bearer(`${world.sluice.runtimeUrl}/http/propagation/${id}`, token, { headers })

  return {
    ...world,
    // A copy would stay what it was before a restart.
    get sluice() {
      return world.sluice
    },
    second,
    client,
    sender,
    key,
    whoFlow: (id, settings, path = '/whoami') => whoFlow(id, settings, second.url + path),
    wishFor,
    present,
    async tokenOf(user) {
      const { status, text, json } = await present(signByXmlsec(wishFor(user), sender))
      assert.equal(status, 200, text)
      return json.access_token
    },
    async revoke(token) {
      const { status } = await client.post(key.tokenurl.replace(/token$/, 'revoke'), { token }, key)
      assert.equal(status, 200)
    },
    callFlow,
    async arrived(id, token) {
      const { status, text, json } = await callFlow(id, token)
      assert.equal(status, 200, `${text} ${second.refusals().at(-1) ?? ''}`)
      return json.user
    },
    async recordOf({ text }, ...hidden) {
      const reference = referenceIn(text)
      assert.notEqual(reference, '', text)
      await wait(1_200)
      const record = await say(['refusals', '--reference', reference])
      for (const each of hidden) assert.ok(!record.includes(each), record)
      return record
    },
    async dispose() {
      client.close()
      await second[Symbol.asyncDispose]()
      await world.dispose()
    },
  }
}
