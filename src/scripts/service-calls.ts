import { type KeyObject, X509Certificate } from 'node:crypto'

import { type PartnerDirectoryService, partnersName, type Run, type Services, valueMappingName } from '../flow/index.ts'
import { faults } from './faults.ts'
import type { HostCall } from './host-calls.ts'

// Scripts hand over text; anything else names nothing.
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const millisOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? Math.min(value, 86_400_000) : 0)

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
  scriptRequests: 'network',
} as const

/** @throws scripts.serviceMissing */
function present<Name extends keyof typeof names>(services: Services, name: Name): NonNullable<Services[Name]> {
  const service = services[name]
  if (service === undefined) throw faults.serviceMissing({ service: names[name] })
  return service
}

/** For a parameter of this name, or for all else. @throws scripts.serviceMissing, runtime.capabilityMissing */
function partners(run: Run, name = partnersName): PartnerDirectoryService {
  const directory = present(run.services, 'partnerDirectory')
  run.services.permits.permit({ kind: 'partnerDirectory', name }, run)
  return directory
}

const headersOf = (value: unknown): ReadonlyMap<string, string> =>
  new Map(value instanceof Map ? [...(value as Map<string, unknown>)].map(([name, one]) => [name, String(one)]) : [])

/** The calls that the services of a run answer; a service that the tenant lacks is said to be not available. */
export const serviceCalls: Readonly<Record<string, HostCall>> = {
  'valueMapping.getMappedValue'(args, run) {
    const [agency = '', schema = '', value = '', targetAgency = '', targetSchema = ''] = args.map(textOf)
    const source = { agency, schema, value }
    const target = { agency: targetAgency, schema: targetSchema }
    const { permits, valueMappings } = run.services
    permits.permit({ kind: 'valueMapping', name: valueMappingName(source, target) }, run)
    return valueMappings.lookup(source, target)
  },
  'secureStore.getUserCredential': ([alias], run) =>
    run.services.forScripts.credentials.userCredential(textOf(alias), run),
  async 'keystore.getKey'([alias], run) {
    const key = await run.services.forScripts.keys.privateKey(textOf(alias), run)
    return key && keyForScript(key)
  },
  'keystore.getCertificateChain': ([alias], run) => run.services.forScripts.keys.certificateChain(textOf(alias), run),
  async 'keystore.getTrustedCertificates'(_, run) {
    const { certificates } = await run.services.outbound.trustedServers()
    return certificates.map((pem) => new X509Certificate(pem).raw)
  },
  'secureStore.accessToken': ([grant, alias], run) =>
    present(run.services, 'accessTokens').token(
      grant === 'clientCredentials' ? 'clientCredentials' : 'authorizationCode',
      textOf(alias),
      run,
    ),
  'partnerDirectory.getParameter': ([name, partner, type], run) =>
    partners(run, textOf(name)).parameter(textOf(partner), textOf(name), type === 'binary' ? 'binary' : 'string', run),
  'partnerDirectory.getPartnerId': ([agency, scheme, id], run) =>
    partners(run).partnerOf(textOf(agency), textOf(scheme), textOf(id)),
  'partnerDirectory.getAlternativePartnerId': ([agency, scheme, partner], run) =>
    partners(run).alternativeOf(textOf(agency), textOf(scheme), textOf(partner)),
  'partnerDirectory.getPartnerIdOfAuthorizedUser': ([user], run) => partners(run).partnerOfUser(textOf(user)),
  'partnerDirectory.getAuthorizedUsers': ([partner], run) => partners(run).usersOf(textOf(partner)),
  'numberRange.nextValue'([name], run) {
    const numberRanges = present(run.services, 'numberRanges')
    run.services.permits.permit({ kind: 'numberRange', name: textOf(name) }, run)
    return numberRanges.next(textOf(name), run)
  },
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
  'http.request': ([method, url, headers, body, followRedirects, connectTimeout, readTimeout], run) =>
    present(run.services, 'scriptRequests').request(
      {
        method: textOf(method),
        url: textOf(url),
        headers: Array.isArray(headers) ? Array.from(headers, textOf) : [],
        body: Buffer.isBuffer(body) ? body : typeof body === 'string' ? Buffer.from(body) : undefined,
        followRedirects: followRedirects !== false,
        connectTimeout: millisOf(connectTimeout),
        readTimeout: millisOf(readTimeout),
      },
      run,
    ),
  'b2bMonitor.event': ([type, , facts], run) =>
    present(run.services, 'businessDocuments').record(
      { type: textOf(type), facts: JSON.parse(textOf(facts)) as unknown },
      run,
    ),
}
