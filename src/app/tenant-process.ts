import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { receivers, senders } from '../adapters/index.ts'
import { createAudit } from '../audit/index.ts'
import { addressesOf } from '../auth/index.ts'
import { Fault, type Log, systemClock as clock } from '../base/index.ts'
import { openDatabase, openTenantStores } from '../database/index.ts'
import type { Services } from '../flow/index.ts'
import { createIdentity } from '../identity/index.ts'
import {
  createCsrf,
  createHandler,
  createRecorder,
  createRoutes,
  defaultBodyLimits,
  defaultListenerLimits,
  openSpool,
  startListener,
} from '../inbound/index.ts'
import { createKeystore, createSealer, deriveKey, standingKey } from '../keystore/index.ts'
import { createIngest, createJournal, createRefusalLog, createRetention, type Journal } from '../monitor/index.ts'
import { createProcessDirect, createRuntime, createScheduler, defaultLimits } from '../runtime/index.ts'
import { createSecrets } from '../secrets/index.ts'
import type { Settings } from '../settings/index.ts'
import { steps } from '../steps/index.ts'
import { createVariables, type StoredVariable } from '../stores/index.ts'
import { createTrust } from '../trust/index.ts'
import { openTokens } from './authorization.ts'
import { endpointPages } from './endpoint-pages.ts'
import { createBundleRules } from './bundle-rules.ts'
import { createFlowOutbound } from './flow-outbound.ts'
import { createScriptAccessTokens } from './script-access-tokens.ts'
import { openScriptRequests } from './script-requests.ts'
import { openCodeNarc, openFlowScripts } from './flow-scripts.ts'
import { createFlowSecrets } from './flow-secrets.ts'
import { createFrontDoor } from './front-door.ts'
import { createInFlight } from './in-flight.ts'
import type { Question, Topic } from './ipc.ts'
import { createTenantMetrics } from './metrics.ts'
import { serverCertificate } from './server-certificate.ts'
import { trustFollows } from './trusted.ts'
import { connectTrusting, createTrustedServers } from './trusted-servers.ts'

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

/** What the audit log calls that of which a secret, or the word of a flow for a user, was asked for. */
const auditedAs = {
  key: 'X.509 Key-Pair',
  credential: 'Credential',
  impersonation: 'Grant',
  partnerDirectory: 'Grant',
  valueMapping: 'Grant',
  numberRange: 'Grant',
  host: 'Grant',
} as const

/** Builds all rooms of a tenant and hands each what it needs. */
export async function startTenant(given: {
  readonly tenant: string
  /** The first seals. */
  readonly keys: readonly Buffer[]
  readonly settings: Settings
  readonly log: Log
  /** Undefined until the control process listens. */
  readonly controlUrl: () => string | undefined
}): Promise<TenantProcess> {
  const { tenant, keys, settings, log, controlUrl } = given
  const home = join(settings.data, 'tenants', tenant)
  const journalFolder = join(home, 'journal')
  mkdirSync(journalFolder, { recursive: true, mode: 0o700 })
  const place = { url: settings.databaseUrl, folder: settings.data, schema: tenant }
  const database = await openDatabase(place)
  const stores = openTenantStores(database)
  const sealer = createSealer({ keys, tenant })
  const inFlight = createInFlight()
  const node = nodeId(join(home, 'node-id'))

  const opener = { module: new URL('../database/message-log-opener.ts', import.meta.url), place }
  const ingest = createIngest({ folder: journalFolder, node, opener, log })
  const journal = await onceFree(() =>
    createJournal({ folder: journalFolder, segmentBytes, clock, log, written: ingest.wake }),
  )
  const abandoned = await ingest.start()
  if (abandoned > 0) log.warn('messages were cut off when the process died', { abandoned })

  const identity = await createIdentity({ store: stores.registry, sealer, clock })
  const trust = createTrust({ clock, log })
  const followTrust = trustFollows(identity, trust)
  followTrust()
  const tokens = await openTokens({ stores, sealer, identity, tenant, controlUrl, clock })
  const keystore = await createKeystore({ store: stores.keystore, sealer, clock })
  const routes = createRoutes()
  const processDirect = createProcessDirect()
  const scheduler = createScheduler({ store: stores.schedules, node, clock, log })
  const connect = connectTrusting(createTrustedServers(keystore))
  const secrets = await createSecrets({ store: stores.secrets, sealer, clock, connect })
  const auditKey = await standingKey({ store: stores.keystore, sealer, purpose: 'audit' })
  const audit = createAudit({ store: stores.audit, keys: [auditKey], clock, log })
  const {
    scripts,
    sandbox,
    lookAround,
    close: closeScripts,
  } = openFlowScripts({
    settings,
    tenant,
    policy: identity.policy,
    collections: (id) => runtime.collection(id),
    log,
  })
  const { put } = stores.variables
  const variableStore = { ...stores.variables, put: (variable: StoredVariable) => inFlight.run(() => put(variable)) }
  const outbound = createFlowOutbound({ secrets, keystore })
  const scriptRequests = openScriptRequests({ policy: identity.tenantPolicy, audit, log })
  const services: Omit<Services, 'forScripts' | 'permits'> = {
    ...createFlowSecrets({ secrets, keystore }),
    outbound,
    accessTokens: createScriptAccessTokens({ secrets, outbound }),
    scriptRequests,
    scripts,
    processDirect,
    variables: createVariables({ store: variableStore, sealer, clock }),
    valueMappings: { lookup: (source, target) => runtime.valueMappings.lookup(source, target) },
  }
  const catalog = { steps, receivers, senders }
  const metrics = createTenantMetrics(tenant, { active: () => runtime.active(), deployed: () => runtime.started() })
  const runtime = createRuntime({
    catalog,
    admit: createBundleRules({ clock, catalog, identity, secrets, codeNarc: openCodeNarc({ settings, log }) }),
    store: stores.deployments,
    http: routes,
    processDirect,
    scheduler,
    services,
    clock,
    log,
    sink: journal,
    recording: { clock, sealer, node, limits: defaultLimits },
    extraGrants: (flowId) => secrets.grants.extra(flowId),
    secretRead: ({ flowId, messageId, kind, alias, use, granted }) =>
      audit.note({
        action: granted ? 'Read' : 'Refuse',
        objectType: auditedAs[kind],
        objectId: alias,
        attributes: { flow: flowId, message: messageId, use, ...(auditedAs[kind] === 'Grant' && { kind }) },
      }),
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

  const csrf = createCsrf({
    key: deriveKey(keys[0] ?? Buffer.alloc(0), 'csrf runtime'),
    clock,
    cookie: '__Host-sluice-runtime',
  })
  const door = createFrontDoor({
    identity,
    trust,
    tokens: tokens.verifier,
    routes,
    csrf,
    record,
    plan: 'integration-flow',
    clock,
    log,
  })
  identity.onChange(() => door.changed(followTrust()))
  const spool = await openSpool(join(home, 'spool'))
  const limits = { ...defaultBodyLimits, memory: settings.spoolThreshold }
  let certificate = await serverCertificate(keystore)
  const pages = endpointPages({
    tenant,
    chain: () => certificate.chain,
    identity,
    limits: { ...defaultListenerLimits, idle: limits.idle },
    url: () => `https://localhost:${listener.port}`,
    tokenUrl: () => {
      const control = controlUrl()
      return control === undefined ? undefined : addressesOf(control).issuer
    },
  })
  const handler = createHandler({
    gate: door.gate,
    routes,
    csrf,
    spool,
    plan: 'integration-flow',
    clock,
    log,
    limits,
    pages,
  })
  const listener = await startListener({
    host: settings.host,
    port: settings.runtimePort,
    certificate,
    handler,
    record,
  })
  door.guard(listener)

  keystore.onChange(async () => {
    const next = await serverCertificate(keystore)
    if (next.chain === certificate.chain) return
    listener.setCertificate(next)
    certificate = next
  })

  const topics: Readonly<Record<Topic, () => Promise<unknown>>> = {
    deployments: runtime.sync,
    identity: identity.reload,
    keystore: keystore.reload,
    secrets: secrets.reload,
    tokens: tokens.verifier.reload,
  }
  const look = (topic: Topic): void => {
    topics[topic]().catch((error: unknown) =>
      log.error('a change could not be taken over', { topic, why: String(error) }),
    )
  }
  const poll = setInterval(() => {
    look('deployments')
    look('identity')
    look('keystore')
    look('secrets')
    look('tokens')
  }, pollMilliseconds)
  const tidy = setInterval(() => void tidyUp(), tidyMilliseconds)
  void lookAround()

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

  async function takeKeys(given: readonly string[]): Promise<true> {
    sealer.changeKeys(given.map((key) => Buffer.from(key, 'base64')))
    await Promise.all([identity.reload(), keystore.reload(), secrets.reload(), tokens.verifier.reload()])
    return true
  }

  /** Contents of messages are sealed when they end, in the turn in which they go into the journal. */
  async function settled(within: number): Promise<boolean> {
    if (!(await inFlight.ended(within))) return false
    await journal.flushed()
    return ingest.drain(within)
  }

  const answers: { readonly [What in Question['what']]: (question: Extract<Question, { what: What }>) => unknown } = {
    metrics: () => metrics.data(),
    sandbox: () => sandbox() ?? 'not tried',
    cancel: ({ messageId }) => runtime.cancel(messageId),
    refresh: ({ topic }) => topics[topic]().then(() => true),
    keys: ({ keys: next }) => takeKeys(next),
    settled: ({ within }) => settled(within),
    // What is wrong with the question is for whoever asked it, in the other process.
    explain: ({ question }) =>
      door.explain(question).catch((error: unknown) => {
        if (error instanceof Fault) return { unusable: error.message }
        throw error
      }),
  }

  return {
    port: listener.port,
    hint: look,
    answer: async (question) => answers[question.what](question as never),
    async stop(patience = settings.drainTimeout) {
      clearInterval(poll)
      clearInterval(tidy)
      await listener.close(patience)
      await runtime.stop(patience)
      await closeScripts()
      await scriptRequests[Symbol.asyncDispose]()
      await journal.close()
      await ingest.drain(10_000)
      await ingest.stop()
      await retention.stop()
      await refusals.stop()
      await audit.stop()
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
