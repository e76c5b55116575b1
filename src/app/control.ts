import { X509Certificate } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { createApi } from '../api/index.ts'
import { type Log, systemClock as clock } from '../base/index.ts'
import { openControlStores, openDatabase, openTenantStores } from '../database/index.ts'
import { createDesign } from '../design/index.ts'
import { createIdentity } from '../identity/index.ts'
import { createChecks, createCsrf, createRecorder, createRoutes, openSpool, startListener } from '../inbound/index.ts'
import {
  createKeystore,
  createSealer,
  deriveKey,
  newTenantKey,
  openBuiltInCa,
  openMasterKey,
  openTenantKey,
  pemOf,
} from '../keystore/index.ts'
import { createRefusalLog } from '../monitor/index.ts'
import { createSecrets } from '../secrets/index.ts'
import type { Settings } from '../settings/index.ts'
import { apiRoute, createControlHandler } from './control-handler.ts'
import { finishFirstStart, furnish } from './first-start.ts'
import { createControlMetrics } from './metrics.ts'
import { aliases } from './names.ts'
import { landingPage } from './landing-page.ts'
import { superviseTenant } from './supervisor.ts'

/** The control process at work. */
export interface Control {
  readonly controlUrl: string
  readonly runtimeUrl: string
  readonly stop: () => Promise<void>
}

const tenant = 'default'

/** Opens the installation, starts its tenant and the control address. */
export async function startControl(settings: Settings, log: Log): Promise<Control> {
  mkdirSync(settings.data, { recursive: true, mode: 0o700 })
  chmodSync(settings.data, 0o700)
  const key = await tenantKey(settings)
  const database = await openDatabase({ url: settings.databaseUrl, folder: settings.data, schema: tenant })
  const stores = openTenantStores(database)
  const sealer = createSealer({ key, tenant })
  const keystore = createKeystore({ store: stores.entries, sealer, clock })
  const first = await furnish({ settings, keystore, clock, log })
  const authority = await keystore.lend(aliases.ca)
  const ca = openBuiltInCa({ certificate: authority.chain, key: pemOf(authority.key), clock })
  const identity = await createIdentity({ store: stores.identities, sealer, clock, ca })

  const supervisor = superviseTenant({
    tenant,
    key,
    settings,
    log,
    onReady: (port) => log.info('the tenant takes calls', { tenant, port }),
  })
  const runtimePort = await supervisor.started
  const runtimeUrl = `https://localhost:${runtimePort}`
  identity.onChange(() => supervisor.hint('identity'))

  const refusals = createRefusalLog({ store: stores.refusals, clock, log })
  const record = createRecorder({ clock, refuse: refusals.add })
  const design = createDesign({ store: stores.design, clock })
  const secrets = createSecrets({ store: stores.materials, sealer, clock })
  const api = createApi({
    design,
    deployments: stores.deployments,
    notify: () => supervisor.hint('deployments'),
    messages: stores.messages,
    refusals: stores.refusals,
    sealer,
    secrets,
    clock,
    log,
    runtimeUrl,
  })
  const routes = createRoutes()
  routes.swap('', [apiRoute])
  const csrf = createCsrf({ key: deriveKey(key, 'csrf control'), clock, cookie: '__Host-sluice-control' })
  const checks = createChecks({ identity, routes, csrf, clock, anchors: [new X509Certificate(authority.chain)] })
  const metrics = createControlMetrics(async () => [await supervisor.ask({ what: 'metrics' })])
  const handler = createControlHandler({
    checks,
    record,
    api,
    log,
    spool: await openSpool(join(settings.data, 'spool')),
    pages: {
      '/': async () => landingPage(runtimeUrl),
      '/healthz': async () => health(supervisor.state()),
      '/metrics': async () => ({
        status: 200,
        type: 'text/plain; version=0.0.4; charset=utf-8',
        text: await metrics(),
      }),
    },
  })
  const server = await keystore.lend(aliases.server)
  const certificate = { chain: server.chain, key: pemOf(server.key) }
  const listener = await startListener({
    host: settings.host,
    port: settings.controlPort,
    certificate,
    handler,
    record,
  })
  const controlUrl = `https://localhost:${listener.port}`
  const hint = (): void => supervisor.hint('deployments')
  if (first)
    await finishFirstStart({
      settings,
      keystore,
      clock,
      identity,
      design,
      deployments: stores.deployments,
      controlUrl,
      runtimeUrl,
      hint,
    })

  // Another node, or a command, may have changed who may call.
  const poll = setInterval(() => {
    identity.reload().catch((error: unknown) => log.error('identities could not be read', { why: String(error) }))
  }, 5_000)

  return {
    controlUrl,
    runtimeUrl,
    async stop() {
      clearInterval(poll)
      await listener.close(5_000)
      await supervisor.stop()
      await refusals.stop()
      await database.close()
    },
  }
}

/** The tenant's data key, unsealed; made with the tenant on the first start. */
async function tenantKey(settings: Settings): Promise<Buffer> {
  const database = await openDatabase({ url: settings.databaseUrl, folder: settings.data, schema: 'control' })
  try {
    const { tenants } = openControlStores(database)
    const present = await tenants.list()
    const masterKey = await openMasterKey({ file: settings.masterKeyFile, tenantsExist: present.length > 0 })
    const mine = present.find(({ id }) => id === tenant)
    if (mine !== undefined) return openTenantKey({ masterKey, tenant, sealedKey: mine.sealedKey })
    const { key, sealedKey } = newTenantKey({ masterKey, tenant })
    if (await tenants.insert({ id: tenant, sealedKey })) return key
    // Another process was first.
    const [made] = (await tenants.list()).filter(({ id }) => id === tenant)
    return openTenantKey({ masterKey, tenant, sealedKey: made?.sealedKey ?? '' })
  } finally {
    await database.close()
  }
}

const health = (state: string) => ({
  status: state === 'ready' ? 200 : 503,
  type: 'application/json',
  text: `${JSON.stringify({ status: state === 'ready' ? 'UP' : 'DOWN', tenants: { [tenant]: state } })}\n`,
})
