import { randomUUID, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { receivers, senders } from '../adapters/index.ts'
import { type Fault, type Log, systemClock as clock } from '../base/index.ts'
import { openDatabase, openTenantStores } from '../database/index.ts'
import type { Services } from '../flow/index.ts'
import { createIdentity } from '../identity/index.ts'
import {
  createChecks,
  createCsrf,
  createHandler,
  createRecorder,
  createRoutes,
  defaultBodyLimits,
  openSpool,
  startListener,
} from '../inbound/index.ts'
import { createKeystore, createSealer, deriveKey, pemOf } from '../keystore/index.ts'
import { createIngest, createJournal, createRefusalLog, createRetention, type Journal } from '../monitor/index.ts'
import { createProcessDirect, createRuntime, createScheduler, defaultLimits } from '../runtime/index.ts'
import { createGroovyHost, createScripts, serviceCalls } from '../scripts/index.ts'
import { createSecrets } from '../secrets/index.ts'
import type { Settings } from '../settings/index.ts'
import { steps } from '../steps/index.ts'
import { createVariables } from '../stores/index.ts'
import type { Question, Topic } from './ipc.ts'
import { createTenantMetrics } from './metrics.ts'
import { aliases } from './names.ts'

/** A tenant at work in this process. */
export interface TenantProcess {
  readonly port: number
  readonly hint: (topic: Topic) => void
  readonly answer: (question: Question) => Promise<unknown>
  /** Takes no new calls, ends messages in flight, writes everything down. `patience` in milliseconds, else as set. */
  readonly stop: (patience?: number) => Promise<void>
}

// A hint may be lost, and another node may have made the change: everything is looked at again this often.
const pollMilliseconds = 1_000
const tidyMilliseconds = 3_600_000
const segmentBytes = 64 * 1024 * 1024

/** Opens the journal; a process of this tenant that lost its control process may need a moment to let go of it. */
async function onceFree(open: () => Journal): Promise<Journal> {
  for (const end = clock.monotonic() + 20_000; ; await wait(200)) {
    try {
      return open()
    } catch (error) {
      if ((error as Partial<Fault>).code !== 'monitor.journalInUse' || clock.monotonic() > end) throw error
    }
  }
}

/** Builds all rooms of a tenant and hands each what it needs. */
export async function startTenant(given: {
  readonly tenant: string
  readonly key: Buffer
  readonly settings: Settings
  readonly log: Log
}): Promise<TenantProcess> {
  const { tenant, key, settings, log } = given
  const home = join(settings.data, 'tenants', tenant)
  const journalFolder = join(home, 'journal')
  mkdirSync(journalFolder, { recursive: true, mode: 0o700 })
  const place = { url: settings.databaseUrl, folder: settings.data, schema: tenant }
  const database = await openDatabase(place)
  const stores = openTenantStores(database)
  const sealer = createSealer({ key, tenant })
  const node = nodeId(join(home, 'node-id'))

  const opener = { module: new URL('../database/message-log-opener.ts', import.meta.url), place }
  const ingest = createIngest({ folder: journalFolder, node, opener, log })
  const journal = await onceFree(() =>
    createJournal({ folder: journalFolder, segmentBytes, clock, log, written: ingest.wake }),
  )
  const abandoned = await ingest.start()
  if (abandoned > 0) log.warn('messages were cut off when the process died', { abandoned })

  const identity = await createIdentity({ store: stores.identities, sealer, clock })
  const keystore = createKeystore({ store: stores.entries, sealer, clock })
  const routes = createRoutes()
  const processDirect = createProcessDirect()
  const scheduler = createScheduler({ store: stores.schedules, node, clock, log })
  const secrets = createSecrets({ store: stores.materials, sealer, clock })
  const host = createGroovyHost({
    cacheFolder: join(settings.data, 'cache'),
    log,
    calls: serviceCalls,
    maxHeapMb: settings.scriptMemory,
    callTimeoutMs: settings.scriptTimeout,
  })
  const scripts = createScripts({ host, collections: (id) => runtime.collection(id) })
  const services: Services = {
    scripts,
    processDirect,
    variables: createVariables({ store: stores.variables, sealer, clock }),
    credentials: { userCredential: (alias) => secrets.userCredential(alias) },
    valueMappings: { lookup: (source, target) => runtime.valueMappings.lookup(source, target) },
  }
  const metrics = createTenantMetrics(tenant, { active: () => runtime.active(), deployed: () => runtime.started() })
  const runtime = createRuntime({
    catalog: { steps, receivers, senders },
    store: stores.deployments,
    http: routes,
    processDirect,
    scheduler,
    services,
    clock,
    log,
    sink: journal,
    recording: { clock, sealer, node, limits: defaultLimits },
    messageTimeout: settings.messageTimeout,
    drainTimeout: settings.drainTimeout,
    ended: (_, status, millis) => metrics.message(status, millis),
  })
  const retention = createRetention({
    messages: stores.messages,
    refusals: stores.refusals,
    clock,
    log,
    days: settings.retention / 86_400_000,
  })
  const refusals = createRefusalLog({ store: stores.refusals, clock, log })
  const record = createRecorder({
    clock,
    refuse(refusal) {
      metrics.refusal(refusal.stage)
      refusals.add(refusal)
    },
  })
  await runtime.sync()
  retention.start()

  const csrf = createCsrf({ key: deriveKey(key, 'csrf runtime'), clock, cookie: '__Host-sluice-runtime' })
  const anchors = [new X509Certificate((await keystore.lend(aliases.ca)).chain)]
  const checks = createChecks({ identity, routes, csrf, clock, anchors })
  const spool = await openSpool(join(home, 'spool'))
  const limits = { ...defaultBodyLimits, memory: settings.spoolThreshold }
  const handler = createHandler({ checks, routes, csrf, spool, record, plan: 'integration-flow', clock, log, limits })
  const certificate = await serverCertificate()
  const listener = await startListener({
    host: settings.host,
    port: settings.runtimePort,
    certificate,
    handler,
    record,
  })

  async function serverCertificate() {
    const { chain, key } = await keystore.lend(aliases.server)
    return { chain, key: pemOf(key) }
  }

  const topics: Readonly<Record<Topic, () => Promise<unknown>>> = {
    deployments: runtime.sync,
    identity: identity.reload,
    certificates: async () => listener.setCertificate(await serverCertificate()),
  }
  const look = (topic: Topic): void => {
    topics[topic]().catch((error: unknown) =>
      log.error('a change could not be taken over', { topic, why: String(error) }),
    )
  }
  const poll = setInterval(() => {
    look('deployments')
    look('identity')
  }, pollMilliseconds)
  const tidy = setInterval(() => void tidyUp(), tidyMilliseconds)

  /** What flows and schedules left behind and nobody needs any more. */
  async function tidyUp(): Promise<void> {
    const now = clock.now()
    try {
      await stores.variables.expire(now)
      await stores.schedules.expire(now - 7 * 86_400_000)
    } catch (error) {
      log.warn('what has expired could not be deleted', { why: String(error) })
    }
  }

  return {
    port: listener.port,
    hint: look,
    answer: async (question) => (question.what === 'metrics' ? metrics.data() : runtime.cancel(question.messageId)),
    async stop(patience = settings.drainTimeout) {
      clearInterval(poll)
      clearInterval(tidy)
      await listener.close(patience)
      await runtime.stop(patience)
      await host.close()
      await journal.close()
      await ingest.drain(10_000)
      await ingest.stop()
      await retention.stop()
      await refusals.stop()
      await database.close()
    },
  }
}

/** The same over restarts, so that what a dead process left unfinished is known to be its. */
function nodeId(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    const id = randomUUID()
    writeFileSync(file, `${id}\n`, { mode: 0o600 })
    return id
  }
}
