import { randomBytes } from 'node:crypto'

import { type ApiResponse, createApi, type Services } from '../../src/api/index.ts'
import { silentLog } from '../../src/base/index.ts'
import { createDesign } from '../../src/design/index.ts'
import { createSealer } from '../../src/keystore/index.ts'
import { createSecrets } from '../../src/secrets/index.ts'
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
] as const

export const apiUrl = 'https://localhost:9443/api/v1'

export interface Ask {
  /** An object is sent as JSON. */
  readonly body?: object | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly roles?: readonly string[]
  readonly method?: 'basic' | 'certificate' | 'bearer'
  readonly name?: string
  readonly sessionId?: string
}

/** The API over the real stores of a new tenant, and a way to ask it without an HTTP server. */
export async function newTestApi(more: Partial<Services> = {}) {
  const { stores, dispose } = await newTenantStores()
  const time = { now: Date.UTC(2026, 0, 31, 12) }
  const clock = { now: () => time.now, monotonic: () => time.now }
  const sealer = createSealer({ key: randomBytes(32), tenant: 'default' })
  const notified: string[] = []
  const services: Services = {
    design: createDesign({ store: stores.design, clock }),
    deployments: stores.deployments,
    notify: (id) => notified.push(id),
    messages: stores.messages,
    refusals: stores.refusals,
    sealer,
    secrets: createSecrets({ store: stores.materials, sealer, clock }),
    clock,
    log: silentLog,
    runtimeUrl: 'https://localhost:8443',
    ...more,
  }
  const api = createApi(services)

  /** `GET /Path?query`; asks as a bearer client with all roles unless told otherwise, and for JSON. */
  function ask(
    line: string,
    { body, headers, roles = allRoles, method = 'bearer', name = 'ann', sessionId }: Ask = {},
  ): Promise<ApiResponse> {
    const [verb = '', target = ''] = line.split(/ (.*)/s)
    const [path = '', query = ''] = target.split(/\?(.*)/s)
    return api({
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
      baseUrl: apiUrl,
      ...(sessionId !== undefined && { sessionId }),
    })
  }

  return {
    ask,
    /** What `d` holds in the answer. */
    // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
    read: async (line: string, given?: Ask): Promise<any> => JSON.parse(String((await ask(line, given)).body)).d,
    stores,
    sealer,
    services,
    notified,
    time,
    dispose,
  }
}
