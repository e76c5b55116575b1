import type { Identity } from '../../identity/contracts.ts'
import { serviceKeyDocument } from '../../identity/index.ts'
import type { RegisteredCertificate, ServiceInstance, ServiceKey } from '../../identity/records.ts'
import { dateTime, type EntitySet, flag, odataFaults, type Row, text } from '../../odata/index.ts'
import { authoredProperties, authoredRow } from '../authored-row.ts'
import { faults } from '../faults.ts'
import { requireInstance, requireInstanceOf } from '../grants.ts'
import { keyParameters, readKeyParameters } from '../parameters/key-parameters.ts'
import { readJson } from '../parameters/read-json.ts'
import { roles } from '../roles.ts'
import { requireTexts, textOf } from '../row-values.ts'
import type { Addresses, Call, Services } from '../services.ts'
import { serviceKeyCertificateRow } from './service-key-certificates.ts'

/**
 * Keys with the certificate of each that is valid the longest: of several, the one that was registered for a renewal.
 * All certificates are looked through once, however many keys there are.
 */
export function withCertificates(
  identity: Identity,
  keys: readonly ServiceKey[],
): readonly { readonly key: ServiceKey; readonly certificate: RegisteredCertificate | undefined }[] {
  const newest = new Map<string, RegisteredCertificate>()
  for (const one of identity.certificates.list()) {
    if (one.holder.kind !== 'key') continue
    const found = newest.get(one.holder.id)
    if (found === undefined || one.validTo > found.validTo) newest.set(one.holder.id, one)
  }
  return keys.map((key) => ({ key, certificate: newest.get(key.id) }))
}

export const serviceKeyRows = (identity: Identity, keys: readonly ServiceKey[]): readonly Row[] =>
  withCertificates(identity, keys).map(row)

function row({ key, certificate }: ReturnType<typeof withCertificates>[number]): Row {
  return {
    Id: key.id,
    InstanceId: key.instanceId,
    Name: key.name,
    Type: key.type,
    ClientId: key.clientId,
    Pinned: key.type === 'secret' ? null : key.pinned,
    Until: key.until ?? null,
    Parameters: JSON.stringify(keyParameters(key, certificate)),
    CertificateFingerprint: certificate?.fingerprint ?? null,
    CertificateSubject: certificate?.subject ?? null,
    CertificateIssuer: certificate?.issuer ?? null,
    CertificateSerialNumber: certificate?.serialNumber ?? null,
    CertificateValidFrom: certificate?.validFrom ?? null,
    CertificateValidTo: certificate?.validTo ?? null,
    ...authoredRow(key),
  }
}

/** Where a key of an instance is used: at the flows, or at this API. */
export const addressesOf = ({ runtimeUrl, controlUrl, tokenUrl }: Addresses, { plan }: ServiceInstance) => ({
  url: plan === 'api' ? controlUrl : runtimeUrl,
  tokenUrl,
})

/** Credentials of service instances. The credential itself is the content of an entity, and in no list. */
export function serviceKeys({ identity, addresses }: Services): EntitySet<Call> {
  /** @throws odata.entityMissing, api.roleNotHeld */
  function managed(id: string, call: Call) {
    const key = identity.keys.find(id)
    const instance = key && identity.instances.find(key.instanceId)
    if (key === undefined || instance === undefined) throw odataFaults.entityMissing({ set: 'ServiceKeys' })
    requireInstance(instance, call)
    return { key, instance }
  }

  return {
    name: 'ServiceKeys',
    list: {
      requires: roles.readInstances,
      run: async () => serviceKeyRows(identity, identity.keys.list()),
    },
    find: {
      requires: roles.readInstances,
      run: async ({ Id }) => {
        const key = identity.keys.find(String(Id))
        return key && serviceKeyRows(identity, [key])[0]
      },
    },
    create: {
      requires: roles.editInstances,
      status: 201,
      run: async (body, call) => {
        requireTexts(body, ['InstanceId', 'Name'])
        const instanceId = textOf(body, 'InstanceId')
        const instance = identity.instances.find(instanceId)
        if (instance) requireInstance(instance, call)
        const request = readKeyParameters(
          textOf(body, 'Name'),
          readJson(textOf(body, 'Parameters') || '{}', 'Parameters'),
        )
        const { key } = await identity.keys.create(instanceId, request, call.caller.name)
        return serviceKeyRows(identity, [key])[0]
      },
    },
    remove: {
      requires: roles.editInstances,
      status: 204,
      run: async (key, call) => {
        const id = textOf(key, 'Id')
        requireInstanceOf(identity, id, call)
        await identity.keys.remove(id, call.caller.name)
      },
    },
    media: {
      requires: roles.readServiceKeys,
      run: async ({ Id }, call) => {
        const { key, instance } = managed(String(Id), call)
        const shape = call.options.get('shape') ?? 'flat'
        if (shape !== 'flat' && shape !== 'oauth') throw faults.shapeUnknown({ shape })
        const document = serviceKeyDocument(identity.keys.open(key.id), addressesOf(addresses, instance), shape)
        return {
          content: `${JSON.stringify(document, undefined, 2)}\n`,
          contentType: 'application/json',
          fileName: `${key.name}.json`,
        }
      },
    },
    type: {
      name: 'ServiceKey',
      key: ['Id'],
      properties: {
        Id: text(64),
        InstanceId: text(64),
        Name: text(255),
        Type: text(),
        ClientId: text(),
        Pinned: flag,
        Until: dateTime,
        Parameters: text(131_072),
        CertificateFingerprint: text(),
        CertificateSubject: text(),
        CertificateIssuer: text(),
        CertificateSerialNumber: text(),
        CertificateValidFrom: dateTime,
        CertificateValidTo: dateTime,
        ...authoredProperties,
      },
      media: 'application/json',
      navigations: {
        Certificates: {
          to: 'ServiceKeyCertificates',
          many: true,
          of: ({ Id }) => ({
            list: {
              requires: roles.readInstances,
              run: async () =>
                identity.certificates.list({ kind: 'key', id: String(Id) }).map(serviceKeyCertificateRow),
            },
          }),
        },
      },
    },
  }
}
