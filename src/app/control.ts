import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

import {
  cloudFoundryRoot,
  createApi,
  createCloudFoundryApi,
  createOAuthRedirect,
  oauthRedirectPath,
  type ScriptSandbox,
} from '../api/index.ts'
import { verifySignedMetadata } from '../assertions/index.ts'
import { createAudit, createLogonLog, securityMaterialAudit } from '../audit/index.ts'
import { type Log, systemClock as clock } from '../base/index.ts'
import { openDatabase, openTenantStores } from '../database/index.ts'
import { createDesign } from '../design/index.ts'
import { soonestByKind } from '../expiry/index.ts'
import { createDeployedSignatures, trustPublishers } from '../flow/index.ts'
import { createIdentity, createIssuerClient } from '../identity/index.ts'
import { createCsrf, createRecorder, createRoutes, openSpool, startListener } from '../inbound/index.ts'
import { createKeystore, createSealer, deriveKey, openBuiltInCa, pemOf, standingKey } from '../keystore/index.ts'
import { createRefusalLog } from '../monitor/index.ts'
import { createSecrets } from '../secrets/index.ts'
import type { Settings } from '../settings/index.ts'
import { createTrust } from '../trust/index.ts'
import { openAuthorizationServer, openTokens, peerOf } from './authorization.ts'
import { checkPolicy } from './check-policy.ts'
import { apiRoute, createControlHandler } from './control-handler.ts'
import { createLazyConnectivity } from './connectivity.ts'
import { createLazyDeployedGrants } from './deployed-grants.ts'
import { createLazyDeployedReviews } from './deployed-reviews.ts'
import { createExpiry } from './expiry.ts'
import { createExplain } from './explain.ts'
import { finishFirstStart, furnish } from './first-start.ts'
import { createFrontDoor } from './front-door.ts'
import { createKits } from './kits.ts'
import { landingPage } from './landing-page.ts'
import { createInFlight } from './in-flight.ts'
import { createControlMetrics } from './metrics.ts'
import { aliases } from './names.ts'
import { renewServerCertificate, serverCertificate } from './server-certificate.ts'
import { superviseTenant } from './supervisor.ts'
import { trustFollows } from './trusted.ts'
import { connectTrusting, createTrustedServers } from './trusted-servers.ts'
import { createLazyWhereUsed } from './where-used.ts'
import { createVault, tenantKeys } from './vault.ts'

/** The control process at work. */
export interface Control {
  readonly controlUrl: string
  readonly runtimeUrl: string
  readonly stop: () => Promise<void>
}

const tenant = 'default'
const pollMilliseconds = 5_000
const renewalMilliseconds = 3_600_000

/** Opens the installation, starts its tenant and the control address. */
export async function startControl(settings: Settings, log: Log): Promise<Control> {
  mkdirSync(settings.data, { recursive: true, mode: 0o700 })
  chmodSync(settings.data, 0o700)
  const keys = await tenantKeys(settings, tenant)
  const database = await openDatabase({ url: settings.databaseUrl, folder: settings.data, schema: tenant })
  const stores = openTenantStores(database)
  const sealer = createSealer({ keys, tenant })
  const auditKey = await standingKey({ store: stores.keystore, sealer, purpose: 'audit' })
  const audit = createAudit({ store: stores.audit, keys: [auditKey], clock, log })
  // The keystore is opened before the materials; nobody asks before both are there.
  const whereUsed = createLazyWhereUsed(stores.deployments, () => secrets.materials)
  const keystore = await createKeystore({
    store: stores.keystore,
    audit,
    whereUsed,
    sealer,
    clock,
    limits: { keystore: settings.keystoreSize },
    exportPrivateKeys: settings.privateKeyExport,
  })
  const first = await furnish({ settings, keystore, clock, log })
  const authority = await keystore.lend(aliases.ca)
  const ca = openBuiltInCa({ certificate: authority.chain, key: pemOf(authority.key), clock })
  await keystore.maintain(ca)
  const trust = createTrust({ clock, log })
  const servers = createTrustedServers(keystore)
  const identity = await createIdentity({
    store: stores.registry,
    sealer,
    clock,
    ca,
    trust,
    signatures: { verify: verifySignedMetadata },
    readIssuer: createIssuerClient({ trusted: async () => (await servers()).certificates }),
  })
  await identity.ensureBuiltInAnchor(authority.chain)
  const followTrust = trustFollows(identity, trust)
  followTrust()

  const tokens = await openTokens({
    stores,
    sealer,
    identity,
    tenant,
    controlUrl: () => addresses.controlUrl,
    clock,
  })
  // Before the tenant reads them for the first time.
  await tokens.keys.maintain()

  const supervisor = superviseTenant({
    tenant,
    keys: sealer.keys,
    settings,
    log,
    onReady(port) {
      log.info('the tenant takes calls', { tenant, port })
      // What changed between its reading and now.
      supervisor.hint('identity')
    },
  })
  const runtimeUrl = `https://localhost:${await supervisor.started}`
  let { controlPort } = settings
  const addresses = {
    runtimeUrl,
    tenant,
    get controlUrl() {
      return `https://localhost:${controlPort}`
    },
    get tokenUrl() {
      return `https://localhost:${controlPort}/oauth/token`
    },
  }

  const refusals = createRefusalLog({ store: stores.refusals, clock, log })
  const logons = createLogonLog({ audit, clock })
  const record = createRecorder({
    clock,
    refuse(refusal) {
      refusals.add(refusal)
      const { stage, code, remoteAddress: source } = refusal
      if (stage === 'identity') logons.failed({ user: undefined, source, method: 'API' }, code)
    },
  })
  const routes = createRoutes()
  routes.swap('api', [apiRoute('/api/v1')])
  routes.swap('cloud-foundry', [apiRoute(cloudFoundryRoot)])
  const csrf = createCsrf({
    key: deriveKey(keys[0] ?? Buffer.alloc(0), 'csrf control'),
    clock,
    cookie: '__Host-sluice-control',
  })
  const authorization = openAuthorizationServer({
    tokens,
    stores,
    sealer,
    identity,
    trust,
    tenant,
    controlUrl: () => addresses.controlUrl,
    secretInQuery: settings.secretInQuery,
    revoked: () => supervisor.ask({ what: 'refresh', topic: 'tokens' }, pollMilliseconds),
    record,
    clock,
    log,
  })
  const door = createFrontDoor({
    identity,
    trust,
    tokens: tokens.verifier,
    routes,
    csrf,
    record,
    plan: 'api',
    clock,
    log,
  })
  // A change has ended only when the process that lets senders in knows it.
  identity.onChange(async () => {
    const trustChanged = followTrust()
    await Promise.all([
      door.changed(trustChanged),
      supervisor.ask({ what: 'refresh', topic: 'identity' }, pollMilliseconds),
    ])
  })

  const design = createDesign({ store: stores.design, clock })
  const secrets = await createSecrets({
    store: stores.secrets,
    sealer,
    clock,
    audit: securityMaterialAudit(audit),
    whereUsed,
    connect: connectTrusting(servers),
  })
  secrets.onChange(() => supervisor.ask({ what: 'refresh', topic: 'secrets' }, pollMilliseconds))
  const inFlight = createInFlight()
  const vault = createVault({
    settings,
    tenant,
    sealer,
    reload: () => Promise.all([identity.reload(), keystore.reload(), secrets.reload(), tokens.verifier.reload()]),
    supervisor,
    inFlight,
    clock,
    log,
  })
  const ending = new AbortController()
  const { expiry, rehearse, alerts } = createExpiry({
    identity,
    keystore,
    secrets,
    whereUsed,
    settings,
    key: await standingKey({ store: stores.keystore, sealer, purpose: 'alerts' }),
    clock,
    log,
  })
  const services = {
    design,
    deployments: stores.deployments,
    notify: () => supervisor.hint('deployments'),
    messages: stores.messages,
    refusals: stores.refusals,
    sealer,
    secrets,
    keystore,
    identity,
    audit,
    vault,
    async rotateTokenKey(urgent: boolean) {
      const kid = await inFlight.run(() => tokens.keys.rotate(urgent))
      await supervisor.ask({ what: 'refresh', topic: 'tokens' }, pollMilliseconds)
      return kid
    },
    expiry,
    rehearse,
    grants: createLazyDeployedGrants(stores.deployments),
    signatures: createDeployedSignatures({
      deployments: stores.deployments,
      trust: () => trustPublishers(identity.policy().publishers, clock.now),
    }),
    sandboxes: async () => sandboxesOf(await supervisor.ask({ what: 'sandbox' })),
    reviews: createLazyDeployedReviews({ deployments: stores.deployments, settings, log }),
    checkPolicy,
    connectivity: createLazyConnectivity({ keystore, secrets, audit, settings, clock, signal: ending.signal }),
    explain: createExplain({ here: door.explain, routes, supervisor }),
    ca,
    kit: createKits({ identity, keystore, deployments: stores.deployments, clock }),
    addresses,
    clock,
    log,
  }
  const api = createApi(services)
  const redirected = createOAuthRedirect(secrets)
  const cloudFoundry = createCloudFoundryApi(services)
  const metrics = createControlMetrics({
    tenants: async () => [await supervisor.ask({ what: 'metrics' })],
    daysLeft: async () => soonestByKind(await expiry.entries()),
  })
  const handler = createControlHandler({
    gate: door.gate,
    authorization: {
      serves: authorization.serves,
      answer: (request, response) =>
        door.pass(request, response, (caller) => authorization.handle(request, response, peerOf(caller))),
    },
    apis: [
      { root: '/api/v1', answer: (request) => inFlight.run(() => api(request)) },
      { root: cloudFoundryRoot, answer: (request) => inFlight.run(() => cloudFoundry(request)) },
    ],
    log,
    spool: await openSpool(join(settings.data, 'spool')),
    pages: {
      '/': () => landingPage(runtimeUrl),
      [oauthRedirectPath]: (query) =>
        redirected(query).then(({ status, headers, body }) => ({
          status,
          type: headers['content-type'] ?? 'text/html',
          body,
        })),
      '/healthz': async () => health(supervisor.state(), await supervisor.ask({ what: 'sandbox' })),
      '/metrics': async () => ({
        status: 200,
        type: 'text/plain; version=0.0.4; charset=utf-8',
        body: await metrics(),
      }),
    },
  })
  const listener = await startListener({
    host: settings.host,
    port: settings.controlPort,
    certificate: await serverCertificate(keystore),
    handler,
    record,
  })
  controlPort = listener.port
  supervisor.controlAt(addresses.controlUrl)
  door.guard(listener)
  keystore.onChange(async () => {
    listener.setCertificate(await serverCertificate(keystore))
    await supervisor.ask({ what: 'refresh', topic: 'keystore' }, pollMilliseconds)
  })
  if (first)
    await finishFirstStart({
      settings,
      keystore,
      clock,
      identity,
      design,
      deployments: stores.deployments,
      controlUrl: addresses.controlUrl,
      runtimeUrl,
      hint: () => supervisor.hint('deployments'),
    })

  void vault.resume()
  // Another node, or a command, may have changed who may call, a key or a credential.
  const poll = setInterval(() => {
    Promise.all([identity.reload(), keystore.reload(), secrets.reload(), tokens.verifier.reload()]).catch(
      (error: unknown) => log.error('changes could not be read', { why: String(error) }),
    )
  }, pollMilliseconds)
  alerts.check().catch((error: unknown) => log.error('what expires could not be looked at', { why: String(error) }))
  const renewal = setInterval(() => {
    inFlight
      .run(renew)
      .catch((error: unknown) => log.error('the server certificate was not renewed', { why: String(error) }))
  }, renewalMilliseconds)

  // Each cut leaves an event of its own: once a day is enough.
  let cutAt = clock.now()
  async function renew(): Promise<void> {
    await renewServerCertificate({ keystore, settings, clock, log })
    await keystore.maintain(ca)
    if (await tokens.keys.maintain()) await supervisor.ask({ what: 'refresh', topic: 'tokens' }, pollMilliseconds)
    await authorization.expire()
    await alerts.check()
    if (clock.now() - cutAt < 86_400_000) return
    cutAt = clock.now()
    await audit.retain(cutAt - settings.auditRetention)
  }

  return {
    controlUrl: addresses.controlUrl,
    runtimeUrl,
    async stop() {
      clearInterval(poll)
      clearInterval(renewal)
      ending.abort()
      await listener.close(5_000)
      await vault.stop()
      await supervisor.stop()
      await refusals.stop()
      await audit.stop()
      await database.close()
    },
  }
}

/** One for each language that was tried; a word while there is none, and nothing while the tenant does not run. */
const sandboxesOf = (answer: unknown): readonly ScriptSandbox[] =>
  typeof answer === 'object' && answer !== null
    ? Object.entries(answer as Readonly<Record<string, Omit<ScriptSandbox, 'language'>>>).map(([language, report]) => ({
        language,
        ...report,
      }))
    : []

const health = (state: string, sandbox: unknown) => ({
  status: state === 'ready' ? 200 : 503,
  type: 'application/json',
  body: `${JSON.stringify({ status: state === 'ready' ? 'UP' : 'DOWN', tenants: { [tenant]: state }, scripts: { sandbox } })}\n`,
})
