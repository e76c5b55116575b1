import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'

import { type ApiResponse, createApi, createCloudFoundryApi, type Services } from '../../src/api/index.ts'
import { checkPolicy } from '../../src/app/check-policy.ts'
import { createLazyDeployedGrants } from '../../src/app/deployed-grants.ts'
import { createAudit } from '../../src/audit/index.ts'
import { createBackup, restoreBackup } from '../../src/backup/index.ts'
import { silentLog } from '../../src/base/index.ts'
import { createConnectivity, createTestGate } from '../../src/connectivity/index.ts'
import { createDesign } from '../../src/design/index.ts'
import { createExpiryCalendar, createRehearsal, identitySource } from '../../src/expiry/index.ts'
import { createDeployedSignatures, trustPublishers } from '../../src/flow/index.ts'
import { createIdentity } from '../../src/identity/index.ts'
import { createDeployedReviews } from '../../src/lint/index.ts'
import type { ExplainQuestion } from '../../src/inbound/explain.ts'
import {
  createBuiltInCa,
  createKeystore,
  createSealer,
  openBuiltInCa,
  sealedRecords,
  verifySeals,
} from '../../src/keystore/index.ts'
import { createSecrets } from '../../src/secrets/index.ts'
import { inMemoryRegistry } from './registry-store.ts'
import { contextWith } from './connectivity.ts'
import { newTenantStores } from './tenant-stores.ts'

export const allRoles = [
  'WorkspacePackagesRead',
  'WorkspacePackagesEdit',
  'WorkspacePackagesConfigure',
  'WorkspaceArtifactsDeploy',
  'MonitoringDataRead',
  'MonitoringArtifactsDeploy',
  'MessagePayloadsRead',
  'TraceConfigurationRead',
  'TraceConfigurationEdit',
  'CredentialsRead',
  'CredentialsEdit',
  'FlowCapabilitiesApprove',
  'UserRolesEdit',
  'UsersRead',
  'UsersEdit',
  'ServiceInstancesRead',
  'ServiceInstancesEdit',
  'ServiceKeysRead',
  'SecurityMaterialEdit',
  'SecurityMaterialDownload',
  'AuditLogRead',
  'AuditLogCut',
  'VaultAdministrator',
  'TenantAdministrator',
] as const

export const apiUrl = 'https://localhost:9443/api/v1'

/** Address of the Cloud Foundry interface. */
export const cloudFoundryUrl = 'https://localhost:9443/v3'

export interface Ask {
  /** An object is sent as JSON. */
  readonly body?: object | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly roles?: readonly string[]
  readonly method?: 'basic' | 'certificate' | 'bearer'
  readonly name?: string
  readonly sessionId?: string
}

/** Made once: every CA costs a key pair, and no test changes it. */
const authority = createBuiltInCa({
  clock: { now: () => Date.UTC(2026, 0, 1), monotonic: () => 0 },
  name: 'Test CA',
})

/** The API over the real stores of a new tenant, and a way to ask it without an HTTP server. */
export async function newTestApi(more: Partial<Services> = {}) {
  const { stores, dispose } = await newTenantStores()
  const time = { now: Date.UTC(2026, 0, 31, 12) }
  const clock = { now: () => time.now, monotonic: () => time.now }
  const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
  const notified: string[] = []
  const made = await authority
  const ca = openBuiltInCa({ certificate: made.chain, key: made.key, clock })
  /** A client certificate of the built-in CA, as of a moment of one's choice. */
  const issue = (commonName: string, { days = 30, now = time.now, keySize = 2048 } = {}) =>
    openBuiltInCa({ certificate: made.chain, key: made.key, clock: { ...clock, now: () => now } }).issueClient({
      commonName,
      days,
      keySize: keySize as 2048,
    })
  const questions: ExplainQuestion[] = []
  const kits: object[] = []
  const identity = await createIdentity({ store: inMemoryRegistry(), sealer, clock, ca })
  const audit = createAudit({ store: stores.audit, keys: [randomBytes(32)], clock })
  const expiry = createExpiryCalendar({ sources: [identitySource(identity)], clock })
  const services: Services = {
    design: createDesign({ store: stores.design, clock }),
    deployments: stores.deployments,
    notify: (id) => notified.push(id),
    messages: stores.messages,
    refusals: stores.refusals,
    sealer,
    secrets: await createSecrets({ store: stores.secrets, sealer, clock }),
    keystore: await createKeystore({ store: inMemoryRegistry(), sealer, clock }),
    clock,
    log: silentLog,
    identity,
    audit,
    connectivity: createConnectivity({
      context: contextWith(),
      gate: createTestGate({ clock, perMinute: 30, concurrent: 4 }),
      audit: ({ who, kind, host, port, outcome }) =>
        audit.record({
          user: who,
          action: 'Test',
          objectType: 'Connectivity Test',
          objectId: `${kind} ${host}:${port}`,
          attributes: { outcome },
        }),
    }),
    expiry,
    grants: createLazyDeployedGrants(stores.deployments),
    signatures: createDeployedSignatures({
      deployments: stores.deployments,
      trust: () => trustPublishers(identity.policy().publishers, clock.now),
    }),
    sandboxes: async () => [
      {
        language: 'javascript',
        layers: [{ name: 'files', on: false, why: 'not installed' }],
        missing: [{ name: 'files', on: false, why: 'not installed' }],
      },
    ],
    reviews: createDeployedReviews({
      deployments: stores.deployments,
      codeNarc: { review: async (scripts) => scripts.map(() => ({ found: [['DeadCode', 3]] })) },
    }),
    checkPolicy,
    vault: {
      rotateTenantKey: async () => ({ state: 'done', resealed: 0, broken: [] }),
      rotateMasterKey: async () => {},
      verify: () => verifySeals({ values: [sealedRecords('secrets', stores.secrets)], sealer }),
      backup: async (passphrase) =>
        Buffer.concat(await Array.fromAsync(createBackup({ store: stores.backup, sealer, passphrase, clock }))),
      restore: ({ file, ...more }) =>
        restoreBackup({ store: stores.backup, sealer, tenant: 'default', file: Readable.from([file]), ...more }),
    },
    rotateTokenKey: async () => 'new',
    rehearse: createRehearsal({ calendar: expiry, identity, clock, whereUsed: async () => [] }),
    explain: async (question) => {
      questions.push(question)
      return { accepted: true, reason: 'yes', remedy: '', principal: undefined, flowId: 'F', checks: [] }
    },
    ca,
    kit: async (given) => {
      kits.push(given)
      return Buffer.from('PK zip')
    },
    addresses: {
      runtimeUrl: 'https://localhost:8443',
      controlUrl: 'https://localhost:9443',
      tokenUrl: 'https://localhost:9443/oauth/token',
    },
    ...more,
  }
  const api = createApi(services)
  const cloudFoundry = createCloudFoundryApi(services)

  /** `GET /Path?query`; asks as a bearer client with all roles unless told otherwise, and for JSON. */
  const ask = (line: string, given?: Ask) => askAt(api, apiUrl, line, given)

  function askAt(
    at: typeof api,
    baseUrl: string,
    line: string,
    { body, headers, roles = allRoles, method = 'bearer', name = 'ann', sessionId }: Ask = {},
  ): Promise<ApiResponse> {
    const [verb = '', target = ''] = line.split(/ (.*)/s)
    const [path = '', query = ''] = target.split(/\?(.*)/s)
    return at({
      method: verb,
      path,
      query,
      headers: {
        accept: 'application/json',
        ...(body && !Buffer.isBuffer(body) && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: Buffer.isBuffer(body) ? body : Buffer.from(body ? JSON.stringify(body) : ''),
      caller: { name, roles, method },
      baseUrl,
      ...(sessionId !== undefined && { sessionId }),
    })
  }

  return {
    ask,
    /** What `d` holds in the answer. */
    // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
    read: async (line: string, given?: Ask): Promise<any> => JSON.parse(String((await ask(line, given)).body)).d,
    /** `GET /path?query` below `/v3`: the status, and what the body holds. */
    cf: async (line: string, given?: Ask) => {
      const { status, headers, body } = await askAt(cloudFoundry, cloudFoundryUrl, line, given)
      // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
      const read: any = String(body) === '' ? undefined : JSON.parse(String(body))
      return { status, headers, body: read }
    },
    stores,
    sealer,
    services,
    identity: services.identity,
    ca,
    issue,
    questions,
    kits,
    notified,
    time,
    dispose,
  }
}
