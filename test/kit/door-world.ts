/** A Sluice with one of everything that can call it, and one of every kind of address: made by the API, as an administrator does. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { allRoles } from './api.ts'
import { flowBundle, mainProcess, messageEnd, messageStart, modifierRow, senderChannel, step } from './bundle.ts'
import { createApiCaller } from './caller.ts'
import { deploy } from './deploy.ts'
import { callOnce, type Credential } from './door-call.ts'
import { type ClientPair, leafOf, type OpensslAuthority, opensslAuthority, opensslSelfSigned } from './openssl.ts'
import { type RunningSluice, startSluice } from './sluice.ts'
import { temporaryFolder } from './temporary-folder.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
type Row = any
export type Api = ReturnType<typeof createApiCaller>

const second = 1000
/** From now on a certificate that was registered while it was valid has expired. */
const shortLife = 25 * second

/** Creates an entity. Rejects when it is not created. */
export async function create(api: Api, set: string, body: object): Promise<Row> {
  const { status, text } = await api.write('POST', set, body)
  if (status !== 201) throw new Error(`POST ${set} answered ${status}: ${text}`)
  return (JSON.parse(text) as { d: Row }).d
}

/** Changes or deletes something. Rejects when it is not done. */
export async function change(api: Api, method: 'PUT' | 'DELETE', path: string, body?: object): Promise<void> {
  const { status, text } = await api.write(method, path, body)
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`)
}

export const newInstance = async (api: Api, name: string, plan: string, roles: readonly string[]): Promise<string> =>
  (await create(api, 'ServiceInstances', { Name: name, Plan: plan, Parameters: JSON.stringify({ roles }) })).Id

export interface NewKey {
  readonly id: string
  readonly credential: Credential
  readonly subject: string
  readonly issuer: string
}

/** A service key, and what its client proves itself by. */
export async function newKey(api: Api, InstanceId: string, Name: string, parameters: object = {}): Promise<NewKey> {
  const { Id, CertificateSubject, CertificateIssuer } = await create(api, 'ServiceKeys', {
    InstanceId,
    Name,
    Parameters: JSON.stringify(parameters),
  })
  const { text } = await api.call(`/api/v1/ServiceKeys('${Id}')/$value`)
  const { clientid, clientsecret, certificate, key } = JSON.parse(text)
  const credential =
    key !== undefined
      ? { cert: certificate, key }
      : clientsecret === undefined
        ? {}
        : { basic: { user: clientid, password: clientsecret } }
  return { id: Id, credential, subject: CertificateSubject, issuer: CertificateIssuer }
}

/** A key with the client's own certificate. */
export async function registerKey(api: Api, instance: string, name: string, pair: ClientPair, pinned = true) {
  const parameters = { 'key-type': 'certificate_external', 'X.509': pair.cert, 'pin-certificate': pinned }
  const { id, subject, issuer } = await newKey(api, instance, name, parameters)
  return { id, subject, issuer, credential: pair as Credential }
}

const base64Of = (pem: string): string => leafOf(pem).replaceAll(/-----[^-]+-----|\s/g, '')
/** What a proxy sends about a certificate, by RFC 9440 and as nginx does. */
export const clientCert = (pem: string) => ['Client-Cert', `:${base64Of(pem)}:`] as const
export const sslClientCert = (pem: string) => ['SSL_CLIENT_CERT', encodeURIComponent(leafOf(pem))] as const

type Settings = NonNullable<Parameters<typeof senderChannel>[1]>

const echo = (id: string, settings: Settings = {}): Promise<Buffer> =>
  flowBundle({
    id: `Door_${id}`,
    channels: [senderChannel('HTTPS', { urlPath: `/m/${id}`, xsrfProtection: '0', ...settings })],
    processes: [
      mainProcess([
        messageStart(),
        step('Set', 'Enricher', {
          bodyType: 'expression',
          wrapContent: 'in',
          headerTable: [modifierRow('Content-Type', 'constant', 'text/plain')],
        }),
        messageEnd(),
      ]),
    ],
  })

const listing = (names: readonly { readonly subject: string; readonly issuer: string }[]) => ({
  senderAuthType: 'ClientCertificate',
  clientCertificates: names.map(({ subject, issuer }) => ({
    'clientCertificate.subjectDN': subject,
    'clientCertificate.issuerDN': issuer,
  })),
})

export interface DoorWorld {
  readonly sluice: RunningSluice
  readonly api: Api
  readonly ca: string
  readonly good: Readonly<Record<string, Credential>>
  readonly bad: Readonly<Record<string, Credential>>
  readonly proxy: ClientPair
  readonly root: OpensslAuthority
  readonly instances: { readonly all: string; readonly none: string; readonly api: string }
  /** Everything that must never be in a record. */
  readonly secrets: readonly string[]
  /** From this moment on (milliseconds since 1970) the short-lived certificates have expired. */
  readonly expired: number
  readonly dispose: () => Promise<void>
}

/** An administrator who is let in whatever the policy says of secrets. */
async function administratorByCertificate(sluice: RunningSluice): Promise<{ api: Api; close: () => void }> {
  const first = createApiCaller(sluice)
  const instance = await newInstance(first, 'matrix-administrator', 'api', allRoles)
  const { credential } = await newKey(first, instance, 'certificate', { 'key-type': 'certificate' })
  first.close()
  const folder = temporaryFolder('administrator')
  const file = (name: string) => (name === 'ca.pem' ? sluice.file(name) : join(folder, name))
  writeFileSync(file('client.pem'), credential.cert ?? '')
  writeFileSync(file('client.key'), credential.key ?? '')
  const api = createApiCaller({ file, controlUrl: sluice.controlUrl }, 'certificate')
  return {
    api,
    close() {
      api.close()
    },
  }
}

/** Starts it and makes everything. */
export async function openDoorWorld(): Promise<DoorWorld> {
  const sluice = await startSluice()
  try {
    return await furnish(sluice)
  } catch (error) {
    await sluice.dispose()
    throw error
  }
}

async function furnish(sluice: RunningSluice): Promise<DoorWorld> {
  const { api, close } = await administratorByCertificate(sluice)
  const root = opensslAuthority('/O=Matrix/CN=Matrix Root')
  const foreign = opensslAuthority('/O=Foreign/CN=Foreign Root')
  const issuing = root.intermediate('/O=Matrix/CN=Matrix Issuing')
  const ca = readFileSync(sluice.file('ca.pem'), 'utf8')
  const issuer = 'CN=Matrix Root,O=Matrix'
  await create(api, 'TrustAnchors', { Name: 'Matrix', Certificate: root.certificate })
  for (const name of ['Matrix.custom', 'Matrix.other', 'Matrix.nobody'])
    await create(api, 'UserRoles', { Name: name, Description: '' })
  const both = ['ESBMessaging.send', 'Matrix.custom']
  const all = await newInstance(api, 'matrix', 'integration-flow', both)
  const none = await newInstance(api, 'matrix-none', 'integration-flow', ['Matrix.other'])
  const forApi = await newInstance(api, 'matrix-api', 'api', ['WorkspacePackagesRead', 'ServiceInstancesRead'])
  const user = (Name: string, roles: readonly string[], more: object = {}) =>
    create(api, 'Users', { Name, Roles: JSON.stringify(roles), ...more })
  const password = 'right horse battery 17'
  await user('mapped', both)
  await user('pat', both, { Password: password })
  await user('locked', both, { Password: password })
  await user('without', both)
  await user('roleless', ['Matrix.other'], { Password: password })
  await change(api, 'PUT', "Users('locked')", { Locked: true })
  await user('lockedmap', both)
  await change(api, 'PUT', "Users('lockedmap')", { Locked: true })

  const own = (name: string) => root.issue({ subject: `/O=Matrix/CN=${name}` })
  const map = (User: string, pair: ClientPair) =>
    create(api, 'CertificateUserMappings', { User, Certificate: Buffer.from(leafOf(pair.cert)).toString('base64') })
  const proxy = own('proxy')
  await create(api, 'TrustedProxies', { Name: 'front', Certificate: proxy.cert })
  const generated = await newKey(api, all, 'generated', { 'key-type': 'certificate', validity: 9 })
  const secret = await newKey(api, all, 'secret')
  const self = opensslSelfSigned({ subject: '/O=Self/CN=pinned-self' })
  await registerKey(api, all, 'pinned-self', self)
  const pinned = own('pinned')
  await registerKey(api, all, 'pinned', pinned)
  const below = issuing.issue({ subject: '/O=Matrix/CN=below' })
  await registerKey(api, all, 'below', below)
  const unpinned = own('unpinned')
  await registerKey(api, all, 'unpinned', unpinned, false)
  // Two generations before: the newest is used first, and the others count no more.
  const since = (hours: number) => Date.now() - hours * 3_600_000
  const [old, middle, renewed] = [9, 6, 3].map((hours) =>
    root.issue({ subject: '/O=Matrix/CN=renewed', from: since(hours) }),
  ) as [ClientPair, ClientPair, ClientPair]
  await registerKey(api, all, 'renewed', old, false)
  const mapped = own('mapped')
  await map('mapped', mapped)
  const channel = own('channel')
  await create(api, 'ChannelCertificates', { Name: 'channel', Certificate: channel.cert })
  const unregistered = own('names')
  const behind = (header: readonly [string, string]): Credential => ({ ...proxy, headers: [header] })
  const good: Record<string, Credential> = {
    generated: generated.credential,
    'pinned, self-signed': self,
    'pinned, of a CA': pinned,
    'pinned, of an intermediate CA': below,
    unpinned,
    'unpinned, renewed': renewed,
    'mapped to a user': mapped,
    'channel certificate': channel,
    'names only': unregistered,
    secret: secret.credential,
    password: { basic: { user: 'pat', password } },
    'certificate and secret': { ...pinned, ...secret.credential },
    'proxy, RFC 9440': behind(clientCert(pinned.cert)),
    'proxy, SSL_CLIENT_CERT': behind(sslClientCert(pinned.cert)),
    'proxy, secret': { ...proxy, ...secret.credential },
  }

  const revoked = own('revoked')
  await registerKey(api, all, 'revoked', revoked)
  await create(api, 'CertificateRevocationLists', { RevocationList: root.revoke(revoked) })
  await change(api, 'PUT', "InboundPolicies('tenant')", { Revocation: 'soft' })
  const deleted = own('deleted')
  await change(api, 'DELETE', `ServiceKeys('${(await registerKey(api, all, 'deleted', deleted)).id}')`)
  const later = own('later')
  const laterKey = await registerKey(api, all, 'later', own('later-first'))
  const window = (record: object) => create(api, 'ServiceKeyCertificates', { KeyId: laterKey.id, ...record })
  const moment = (millis: number) => `/Date(${millis})/`
  await window({ Certificate: later.cert, From: moment(Date.now() + 86_400_000) })
  const ended = own('ended')
  await window({ Certificate: ended.cert, From: moment(since(0.5)), Until: moment(since(0.1)) })
  const roleless = own('roleless')
  await registerKey(api, none, 'roleless', roleless)
  const lockedMap = own('lockedmap')
  await map('lockedmap', lockedMap)
  const forgottenSelf = opensslSelfSigned({ subject: '/O=Self/CN=forgotten' })
  await registerKey(api, all, 'forgotten', forgottenSelf)
  const anchors = await api.all('TrustAnchors')
  const pin = anchors.find(({ Subject }: Row) => /CN=forgotten/.test(Subject))
  await change(api, 'DELETE', `TrustAnchors('${pin.Fingerprint}')`)
  const soon = root.issue({ subject: '/O=Matrix/CN=soon', until: Date.now() + shortLife })
  await registerKey(api, all, 'soon', soon)
  const expired = Date.now() + shortLife + second
  const deletedSecret = await newKey(api, all, 'deleted-secret')
  await change(api, 'DELETE', `ServiceKeys('${deletedSecret.id}')`)
  const rolelessSecret = await newKey(api, none, 'roleless-secret')
  const rotated = await newKey(api, all, 'rotated')
  const { status } = await api.write('POST', `RotateServiceKey?Id='${rotated.id}'&OverlapDays=0`)
  if (status !== 200) throw new Error(`RotateServiceKey answered ${status}`)
  const apiSecret = await newKey(api, forApi, 'secret')
  const apiGenerated = await newKey(api, forApi, 'generated', { 'key-type': 'certificate' })
  const apiOwn = own('api')
  await registerKey(api, forApi, 'own', apiOwn)
  await create(api, 'Users', {
    Name: 'reader',
    Password: password,
    Roles: '["WorkspacePackagesRead","ServiceInstancesRead"]',
  })
  const readerPair = own('reader')
  await map('reader', readerPair)
  const { user: clientId = '', password: clientSecret = '' } = secret.credential.basic ?? {}
  const bad: Record<string, Credential> = {
    nobody: {},
    expired: root.issue({ subject: '/O=Matrix/CN=expired', until: Date.now() - 5 * second }),
    'expired since its registration': soon,
    'not yet valid': root.issue({ subject: '/O=Matrix/CN=early', from: Date.now() + 86_400_000 }),
    'for servers only': root.issue({ subject: '/O=Matrix/CN=server', usage: 'serverAuth' }),
    'of an unknown CA': foreign.issue({ subject: '/O=Foreign/CN=foreign' }),
    'of an unknown CA that is sent': withChain(
      foreign.issue({ subject: '/O=Foreign/CN=foreign2' }),
      foreign.certificate,
    ),
    'self-signed, not pinned': opensslSelfSigned({ subject: '/O=Self/CN=loose' }),
    'self-signed, pin removed': forgottenSelf,
    'without its intermediate': leafOnly(
      // Below a CA that no other certificate has shown.
      root
        .intermediate('/O=Matrix/CN=Unseen')
        .issue({ subject: '/O=Matrix/CN=alone', issuerAt: 'http://ca.example/issuing.cer' }),
    ),
    'with a weak key': root.issue({ subject: '/O=Matrix/CN=weak', key: 'rsa1024' }),
    'of another CA with the same name': opensslAuthority('/O=Matrix/CN=Matrix Root').issue({
      subject: '/O=Matrix/CN=pinned',
    }),
    revoked,
    superseded: old,
    'superseded, never used': middle,
    unregistered,
    'of a deleted key': deleted,
    'registered for later': later,
    'registered until before': ended,
    'of a locked user': lockedMap,
    'without the role': roleless,
    'secret wrong': { basic: { user: clientId, password: `${clientSecret}x` } },
    'secret of a deleted key': deletedSecret.credential,
    'secret that was rotated away': rotated.credential,
    'client unknown': { basic: { user: 'sb-unknown!sluice', password: clientSecret } },
    'id and secret swapped': { basic: { user: clientSecret, password: clientId } },
    'secret without the role': rolelessSecret.credential,
    'user unknown': { basic: { user: 'stranger', password } },
    'password wrong': { basic: { user: 'pat', password: `${password}x` } },
    'password of a locked user': { basic: { user: 'locked', password } },
    'user without a password': { basic: { user: 'without', password } },
    'password without the role': { basic: { user: 'roleless', password } },
    'no base64': { headers: [['Authorization', 'Basic ***']] },
    'no colon': { headers: [['Authorization', 'Basic YWJj']] },
    'no scheme': { headers: [['Authorization', clientSecret]] },
    'another scheme': { headers: [['Authorization', 'Digest username="x"']] },
    'secret as scheme': { headers: [['Authorization', `${clientSecret} x`]] },
    'a bearer token': { headers: [['Authorization', `Bearer ${clientSecret}`]] },
    'Authorization twice': { ...secret.credential, headers: [['authorization', 'Basic eDp5']] },
    'certificate of one, secret of another': { ...pinned, ...rolelessSecret.credential },
    'right certificate, wrong secret': { ...pinned, basic: { user: clientId, password: 'wrong' } },
    'wrong certificate, right secret': { ...forgottenSelf, ...secret.credential },
    'unregistered certificate, right secret': { ...unregistered, ...secret.credential },
    'forged Client-Cert': { headers: [clientCert(pinned.cert)] },
    'forged SSL_CLIENT_CERT': { headers: [sslClientCert(pinned.cert)] },
    'forged by a client without rights': { ...unregistered, headers: [clientCert(pinned.cert)] },
    'a proxy alone': proxy,
    'a proxy that passes on itself': behind(clientCert(proxy.cert)),
    'a proxy that passes on nonsense': behind(['Client-Cert', ':bm9uc2Vuc2U=:']),
    'a proxy that passes on two': { ...proxy, headers: [clientCert(pinned.cert), sslClientCert(pinned.cert)] },
    'a proxy that says no address': { ...proxy, headers: [clientCert(pinned.cert), ['X-Forwarded-For', 'me']] },
    'API secret': apiSecret.credential,
    'API certificate, generated': apiGenerated.credential,
    'API certificate, own': apiOwn,
    'API user': { basic: { user: 'reader', password } },
    'API user by certificate': readerPair,
  }

  const listed = [
    { subject: generated.subject, issuer: generated.issuer },
    { subject: 'CN=pinned-self,O=Self', issuer: 'CN=pinned-self,O=Self' },
    ...['pinned', 'unpinned', 'renewed', 'mapped', 'channel', 'names', 'revoked', 'lockedmap'].map((name) => ({
      subject: `CN=${name},O=Matrix`,
      issuer,
    })),
    { subject: 'CN=below,O=Matrix', issuer: 'CN=Matrix Issuing,O=Matrix' },
  ]
  await deploy(
    sluice,
    ...(await Promise.all([
      ...['role', 'network', 'certificate', 'secret', 'password', 'both', 'rate', 'wild/*'].map((id) =>
        echo(id.replace('/*', ''), { urlPath: `/m/${id}` }),
      ),
      echo('custom', { userRole: 'Matrix.custom' }),
      echo('other', { userRole: 'Matrix.nobody' }),
      echo('listed', listing(listed)),
      echo('names', listing(listed)),
      echo('unlisted', listing([{ subject: 'CN=someone,O=Else', issuer }])),
      echo('unreadable', listing([{ subject: 'someone', issuer }])),
      echo('csrf', { xsrfProtection: '1' }),
      echo('small', { maximumBodySize: '1' }),
    ])),
  )
  const policy = (Address: string, more: object) =>
    create(api, 'InboundPolicies', { Address: `/http/m/${Address}`, ...more })
  await policy('network', { Networks: '["192.0.2.0/24"]' })
  await policy('certificate', { Methods: '["certificate"]' })
  await policy('secret', { Methods: '["clientSecret"]' })
  await policy('password', { Methods: '["password"]' })
  await policy('both', { Methods: '["certificate","clientSecret"]', Require: 'all' })
  await policy('names', { ChannelCertificates: 'names' })
  await policy('rate', { EndpointRatePerSecond: 1, EndpointRateBurst: 1 })

  // The renewed certificate takes over by being used.
  const { status: takenOver } = await callOnce(sluice.runtimeUrl, { ca, path: '/http/m/role', credential: renewed })
  if (takenOver !== 200) throw new Error(`the renewed certificate was answered ${takenOver}`)
  const bearing = [...Object.values(good), ...Object.values(bad)].flatMap(({ basic }) => basic ?? [])
  return {
    sluice,
    api,
    ca,
    good,
    bad,
    proxy,
    root,
    instances: { all, none, api: forApi },
    secrets: [
      ...new Set(
        bearing.flatMap(({ user: name, password: word }) =>
          word === clientId ? [] : [word, Buffer.from(`${name}:${word}`).toString('base64')],
        ),
      ),
    ].filter((each) => each.length > 8),
    expired,
    async dispose() {
      close()
      root.dispose()
      foreign.dispose()
      await sluice.dispose()
    },
  }
}

const withChain = ({ cert, key }: ClientPair, above: string): ClientPair => ({ cert: cert + above, key })
const leafOnly = ({ cert, key }: ClientPair): ClientPair => ({ cert: leafOf(cert), key })
