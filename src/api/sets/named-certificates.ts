import type { Identity } from '../../identity/contracts.ts'
import type { RegisteredCertificate } from '../../identity/records.ts'
import { type EntitySet, odataFaults, type Requirement, type Row, text } from '../../odata/index.ts'
import { certificateProperties, certificateRow, windowOf } from '../certificate-row.ts'
import { roles } from '../roles.ts'
import { optionalText, present, requireTexts, textOf } from '../row-values.ts'
import type { Call } from '../services.ts'

const row = (record: RegisteredCertificate): Row => ({ Name: record.holder.id, ...certificateRow(record) })

/** A set of certificates that stand for something with a name of its own. */
export function namedCertificates(given: {
  readonly name: string
  readonly type: string
  readonly managed: Identity['channelCertificates']
  readonly edit: Requirement
}): EntitySet<Call> {
  const { name, type, managed, edit } = given

  /** @throws odata.entityMissing */
  function required(key: Row): RegisteredCertificate {
    const found = managed.find(textOf(key, 'Fingerprint'))
    if (found === undefined) throw odataFaults.entityMissing({ set: name })
    return found
  }

  return {
    name,
    list: { requires: roles.readSecurityMaterial, run: async () => managed.list().map(row) },
    create: {
      requires: edit,
      status: 201,
      run: async (body, { caller }) => {
        requireTexts(body, ['Name', 'Certificate'])
        const request = { name: textOf(body, 'Name'), certificate: textOf(body, 'Certificate'), ...windowOf(body) }
        return row(await managed.create(request, caller.name))
      },
    },
    update: {
      requires: edit,
      status: 204,
      run: async (key, body, { caller }) => {
        const texts = { name: optionalText(body, 'Name'), certificate: optionalText(body, 'Certificate') }
        await managed.update(required(key).fingerprint, { ...present(texts), ...windowOf(body) }, caller.name)
      },
    },
    remove: {
      requires: edit,
      status: 204,
      run: (key, { caller }) => managed.remove(required(key).fingerprint, caller.name),
    },
    type: { name: type, key: ['Fingerprint'], properties: { Name: text(150), ...certificateProperties } },
  }
}
