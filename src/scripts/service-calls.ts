import type { KeyObject } from 'node:crypto'

import type { Services } from '../flow/index.ts'
import { faults } from './faults.ts'
import type { HostCall } from './host-calls.ts'

// Scripts hand over text; anything else names nothing.
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What Java calls the kinds of keys. */
const algorithms: Readonly<Record<string, string>> = {
  rsa: 'RSA',
  'rsa-pss': 'RSASSA-PSS',
  dsa: 'DSA',
  ec: 'EC',
  ed25519: 'Ed25519',
  ed448: 'Ed448',
  x25519: 'X25519',
  x448: 'X448',
}

const keyForScript = (key: KeyObject) => ({
  algorithm: algorithms[key.asymmetricKeyType ?? ''] ?? key.asymmetricKeyType,
  pkcs8: key.export({ format: 'der', type: 'pkcs8' }),
})

const names = {
  partnerDirectory: 'partner directory',
  numberRanges: 'number ranges',
  dataStores: 'data stores',
  accessTokens: 'access tokens',
  businessDocuments: 'monitor of business documents',
} as const

/** @throws scripts.serviceMissing */
function present<Name extends keyof typeof names>(services: Services, name: Name): NonNullable<Services[Name]> {
  const service = services[name]
  if (service === undefined) throw faults.serviceMissing({ service: names[name] })
  return service
}

const headersOf = (value: unknown): ReadonlyMap<string, string> =>
  new Map(value instanceof Map ? [...(value as Map<string, unknown>)].map(([name, one]) => [name, String(one)]) : [])

/** The calls that the services of a run answer; a service that the tenant lacks is said to be not available. */
export const serviceCalls: Readonly<Record<string, HostCall>> = {
  'valueMapping.getMappedValue'(args, { services }) {
    const [agency = '', schema = '', value = '', targetAgency = '', targetSchema = ''] = args.map(textOf)
    return services.valueMappings.lookup({ agency, schema, value }, { agency: targetAgency, schema: targetSchema })
  },
  'secureStore.getUserCredential': ([alias], run) =>
    run.services.forScripts.credentials.userCredential(textOf(alias), run),
  async 'keystore.getKey'([alias], run) {
    const key = await run.services.forScripts.keys.privateKey(textOf(alias), run)
    return key && keyForScript(key)
  },
  'keystore.getCertificateChain': ([alias], run) => run.services.forScripts.keys.certificateChain(textOf(alias), run),
  'secureStore.accessToken': ([grant, alias], run) =>
    present(run.services, 'accessTokens').token(
      grant === 'clientCredentials' ? 'clientCredentials' : 'authorizationCode',
      textOf(alias),
      run,
    ),
  'partnerDirectory.getParameter': ([name, partner, type], run) =>
    present(run.services, 'partnerDirectory').parameter(
      textOf(partner),
      textOf(name),
      type === 'binary' ? 'binary' : 'string',
      run,
    ),
  'partnerDirectory.getPartnerId': ([agency, scheme, id], { services }) =>
    present(services, 'partnerDirectory').partnerOf(textOf(agency), textOf(scheme), textOf(id)),
  'partnerDirectory.getAlternativePartnerId': ([agency, scheme, partner], { services }) =>
    present(services, 'partnerDirectory').alternativeOf(textOf(agency), textOf(scheme), textOf(partner)),
  'partnerDirectory.getPartnerIdOfAuthorizedUser': ([user], { services }) =>
    present(services, 'partnerDirectory').partnerOfUser(textOf(user)),
  'partnerDirectory.getAuthorizedUsers': ([partner], { services }) =>
    present(services, 'partnerDirectory').usersOf(textOf(partner)),
  'numberRange.nextValue': ([name], run) => present(run.services, 'numberRanges').next(textOf(name), run),
  'dataStore.get': ([store, id], run) => present(run.services, 'dataStores').get(textOf(store), textOf(id), run),
  'dataStore.put': ([store, id, data, headers, overwrite, expires], run) =>
    present(run.services, 'dataStores').put(
      {
        store: textOf(store),
        id: textOf(id),
        data: Buffer.isBuffer(data) ? data : Buffer.alloc(0),
        headers: headersOf(headers),
        overwrite: overwrite === true,
        expires: typeof expires === 'number' ? expires : 30,
      },
      run,
    ),
  'dataStore.delete': ([store, id], run) => present(run.services, 'dataStores').remove(textOf(store), textOf(id), run),
  'b2bMonitor.event': ([type, , facts], run) =>
    present(run.services, 'businessDocuments').record(
      { type: textOf(type), facts: JSON.parse(textOf(facts)) as unknown },
      run,
    ),
}
