import type { RevocationList } from '../../identity/records.ts'
import { dateTime, type EntitySet, odataFaults, type Row, text } from '../../odata/index.ts'
import { authoredProperties, authoredRow } from '../authored-row.ts'
import { roles } from '../roles.ts'
import { requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** 12 MiB of base64: lists of large public CAs have some megabytes. */
const longest = 12 * 1024 * 1024

// The list itself is the content of the entity: it can be large.
const row = (list: RevocationList): Row => ({
  Fingerprint: list.fingerprint,
  Issuer: list.issuer,
  ThisUpdate: list.thisUpdate,
  NextUpdate: list.nextUpdate ?? null,
  RevocationList: null,
  ...authoredRow(list),
})

/** Lists of revoked certificates that administrators give; what CAs offer for download is fetched besides. */
export function certificateRevocationLists({ identity }: Services): EntitySet<Call> {
  const { revocationLists } = identity

  /** @throws odata.entityMissing */
  function required(key: Row): RevocationList {
    const found = revocationLists.find(textOf(key, 'Fingerprint'))
    if (found === undefined) throw odataFaults.entityMissing({ set: 'CertificateRevocationLists' })
    return found
  }

  return {
    name: 'CertificateRevocationLists',
    list: { requires: roles.readSecurityMaterial, run: async () => revocationLists.list().map(row) },
    create: {
      requires: roles.editSecurityMaterial,
      status: 201,
      run: async (body, { caller }) => {
        requireTexts(body, ['RevocationList'])
        return row(await revocationLists.create({ list: textOf(body, 'RevocationList') }, caller.name))
      },
    },
    remove: {
      requires: roles.editSecurityMaterial,
      status: 204,
      run: (key, { caller }) => revocationLists.remove(required(key).fingerprint, caller.name),
    },
    media: {
      requires: roles.readSecurityMaterial,
      run: async (key) => ({
        content: Buffer.from(required(key).der, 'base64'),
        contentType: 'application/pkix-crl',
        fileName: `${textOf(key, 'Fingerprint')}.crl`,
      }),
    },
    type: {
      name: 'CertificateRevocationList',
      key: ['Fingerprint'],
      properties: {
        Fingerprint: text(64),
        Issuer: text(),
        ThisUpdate: dateTime,
        NextUpdate: dateTime,
        RevocationList: text(longest),
        ...authoredProperties,
      },
      media: 'application/pkix-crl',
    },
  }
}
