import type { RegisteredCertificate } from '../../identity/records.ts'
import { type EntitySet, odataFaults, type Row, text } from '../../odata/index.ts'
import { certificateProperties, certificateRow, windowOf } from '../certificate-row.ts'
import { requireInstanceOf } from '../grants.ts'
import { roles } from '../roles.ts'
import { optionalNumber, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

export const serviceKeyCertificateRow = (record: RegisteredCertificate): Row => ({
  KeyId: record.holder.id,
  ...certificateRow(record),
})

/** The certificates of service keys. A further one with a window of its own lets a renewal overlap. */
export function serviceKeyCertificates({ identity }: Services): EntitySet<Call> {
  const find = (fingerprint: string) => {
    const found = identity.certificates.find(fingerprint)
    return found?.holder.kind === 'key' ? found : undefined
  }

  /** @throws odata.entityMissing, api.roleNotHeld */
  function managed(key: Row, call: Call): RegisteredCertificate {
    const found = find(textOf(key, 'Fingerprint'))
    if (found === undefined) throw odataFaults.entityMissing({ set: 'ServiceKeyCertificates' })
    requireInstanceOf(identity, found.holder.id, call)
    return found
  }

  return {
    name: 'ServiceKeyCertificates',
    list: {
      requires: roles.readInstances,
      run: async () =>
        identity.certificates
          .list()
          .filter(({ holder }) => holder.kind === 'key')
          .map(serviceKeyCertificateRow),
    },
    find: {
      requires: roles.readInstances,
      run: async (key) => {
        const found = find(textOf(key, 'Fingerprint'))
        return found && serviceKeyCertificateRow(found)
      },
    },
    create: {
      requires: roles.editInstances,
      status: 201,
      run: async (body, call) => {
        requireTexts(body, ['KeyId', 'Certificate'])
        const keyId = textOf(body, 'KeyId')
        requireInstanceOf(identity, keyId, call)
        const request = { certificate: textOf(body, 'Certificate'), ...windowOf(body) }
        return serviceKeyCertificateRow(await identity.certificates.addToKey(keyId, request, call.caller.name))
      },
    },
    // An end that is not given is open: the window is set as a whole.
    update: {
      requires: roles.editInstances,
      status: 204,
      run: async (key, body, call) => {
        const { fingerprint } = managed(key, call)
        const window = { from: optionalNumber(body, 'From'), until: optionalNumber(body, 'Until') }
        await identity.certificates.setWindow(fingerprint, window, call.caller.name)
      },
    },
    remove: {
      requires: roles.editInstances,
      status: 204,
      run: async (key, call) => {
        const { fingerprint } = managed(key, call)
        await identity.certificates.remove(fingerprint, call.caller.name)
      },
    },
    type: {
      name: 'ServiceKeyCertificate',
      key: ['Fingerprint'],
      properties: { KeyId: text(64), ...certificateProperties },
    },
  }
}
