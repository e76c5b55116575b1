import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { apiRoles } from '../api/index.ts'
import { type Clock, type Log, newSecret, uuid } from '../base/index.ts'
import type { TenantStores } from '../database/index.ts'
import type { Design } from '../design/index.ts'
import { readBundle, writeBundle } from '../flow/index.ts'
import { type Identity, type InstanceRequest, serviceKeyDocument } from '../identity/index.ts'
import { createBuiltInCa, type Keystore, pemOf } from '../keystore/index.ts'
import type { Settings } from '../settings/index.ts'
import { aliases } from './names.ts'
import { issueServerCertificate, renewServerCertificate } from './server-certificate.ts'

/** What the first start needs once both addresses are known. */
export interface FirstStart {
  readonly settings: Settings
  readonly keystore: Keystore
  readonly clock: Clock
  readonly identity: Identity
  readonly design: Design
  readonly deployments: TenantStores['deployments']
  readonly controlUrl: string
  readonly runtimeUrl: string
  /** Tells the tenant process that deployments changed. */
  readonly hint: () => void
}

const system = 'Sluice'
// Until the first start has ended, the server certificate carries this author: a start that was cut off begins again.
const unfinished = 'first start'
const change = (user: string) => ({ owner: 'system', user, replace: true }) as const

/**
 * Makes what every installation needs: the built-in CA and the server certificate, which is renewed 30 days before it
 * ends. True when this is the first start, and `finishFirstStart` is still to be called.
 */
export async function furnish(given: {
  readonly settings: Settings
  readonly keystore: Keystore
  readonly clock: Clock
  readonly log: Log
}): Promise<boolean> {
  const { settings, keystore, clock, log } = given
  if ((await keystore.find(aliases.ca)) === undefined) {
    await keystore.putKeyPair(aliases.ca, await createBuiltInCa({ clock, name: 'Sluice built-in CA' }), change(system))
  }
  const present = await keystore.find(aliases.server)
  const first = present === undefined || present.modifiedBy === unfinished
  if (first) {
    const issued = await issueServerCertificate(keystore, settings, clock)
    await keystore.putKeyPair(aliases.server, issued, change(unfinished))
    log.info('a server certificate was issued', {})
  } else await renewServerCertificate(given)
  return first
}

/** Makes the first callers and the quickstart folder, and deploys the sample package. */
export async function finishFirstStart(parts: FirstStart): Promise<void> {
  const { settings, keystore } = parts
  const folder = join(settings.data, 'quickstart')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const put = (name: string, content: string) => writeFile(join(folder, name), content, { mode: 0o600 })
  await put('ca.pem', (await keystore.lend(aliases.ca)).chain)
  await makeCallers(parts, put)
  await makeAdministrator(parts, put)
  await deploySample(parts)
  const { chain, key } = await keystore.lend(aliases.server)
  await keystore.putKeyPair(aliases.server, { chain, key: pemOf(key) }, change(system))
}

type Put = (name: string, content: string) => Promise<void>

async function newInstance({ identity }: FirstStart, request: InstanceRequest) {
  // A start that was cut off left it behind, with keys that nobody has seen.
  const left = identity.instances.list().find(({ name }) => name === request.name)
  if (left !== undefined) await identity.instances.remove(left.id, system)
  return identity.instances.create(request, system)
}

/** A client certificate and a client secret that may call flows, and a client secret that may use the whole API. */
async function makeCallers(parts: FirstStart, put: Put): Promise<void> {
  const { identity, controlUrl, runtimeUrl } = parts
  const flows = await newInstance(parts, { name: 'quickstart', plan: 'integration-flow', roles: ['ESBMessaging.send'] })
  const certificate = await identity.keys.create(flows.id, { name: 'certificate', type: 'certificate' }, system)
  await put('client.pem', certificate.certificate ?? '')
  await put('client.key', certificate.privateKey ?? '')
  const tokenUrl = `${controlUrl}/oauth/token`
  const secret = await identity.keys.create(flows.id, { name: 'secret', type: 'secret' }, system)
  await put('service-key.json', json(serviceKeyDocument(secret, { url: runtimeUrl, tokenUrl }, 'oauth')))
  await put('netrc', `machine localhost login ${secret.key.clientId} password ${secret.secret}\n`)
  const api = await newInstance(parts, { name: 'quickstart-api', plan: 'api', roles: apiRoles })
  const key = await identity.keys.create(api.id, { name: 'secret', type: 'secret' }, system)
  await put('api-key.json', json(serviceKeyDocument(key, { url: controlUrl, tokenUrl }, 'oauth')))
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`

/** The administrator calls the API with the user name `admin` and a password of 256 random bits. */
async function makeAdministrator({ identity }: FirstStart, put: Put): Promise<void> {
  const name = 'admin'
  if (identity.users.find(name) !== undefined) await identity.users.remove(name, system)
  const password = newSecret()
  await identity.users.create({ name, description: 'Made by the first start', password, roles: apiRoles }, system)
  await put('admin-password', `${password}\n`)
}

const samplePackage = 'SluiceSamples'
const sampleFolder = join(import.meta.dirname, '..', '..', 'sample')

async function deploySample({ design, deployments, hint, clock }: FirstStart): Promise<void> {
  const fields = { name: 'Sluice samples', shortText: 'Flows that show routing, enrichment and error handling' }
  if ((await design.packages.find(samplePackage)) === undefined)
    await design.packages.create({ id: samplePackage, ...fields }, system)
  for (const folder of ['customers', 'orders', 'whoami']) {
    const bundle = await readBundle(join(sampleFolder, folder))
    const { id, name, type, version } = bundle
    const content = await writeBundle(bundle, {})
    if ((await design.artifacts.find({ id, type })) === undefined) {
      await design.artifacts.create({ id, name, type, packageId: samplePackage, content }, system)
    }
    await deployments.put({
      artifactId: id,
      type,
      packageId: samplePackage,
      name,
      version,
      content,
      deployedBy: system,
      deployedAt: clock.now(),
      taskId: uuid(),
    })
  }
  hint()
  await whenStarted(deployments)
}

/** Whoever reads that Sluice is ready calls the sample at once. What does not start shows its fault in `sluice status`. */
async function whenStarted(deployments: FirstStart['deployments']): Promise<void> {
  const patience = AbortSignal.timeout(10_000)
  while (!patience.aborted) {
    const open = (await deployments.list()).some(({ status }) => status === 'STARTING')
    if (!open) return
    await sleep(20)
  }
}
