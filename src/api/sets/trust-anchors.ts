import type { TrustAnchor } from '../../identity/records.ts'
import { factsOf, readCertificates } from '../../keystore/index.ts'
import { dateTime, type EntitySet, odataFaults, type Row, text } from '../../odata/index.ts'
import { authoredProperties, authoredRow } from '../authored-row.ts'
import { certificateText } from '../certificate-row.ts'
import { roles } from '../roles.ts'
import { optionalText, present, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

function row(anchor: TrustAnchor): Row {
  const [certificate] = readCertificates(anchor.pem)
  const facts = certificate && factsOf(certificate)
  return {
    Fingerprint: anchor.fingerprint,
    Name: anchor.name,
    Kind: anchor.kind,
    Origin: anchor.origin,
    Subject: facts?.subject,
    Issuer: facts?.issuer,
    SerialNumber: facts?.serialNumber,
    KeyType: facts?.keyType,
    ValidFrom: facts?.validFrom,
    ValidTo: facts?.validTo,
    Certificate: anchor.pem,
    ...authoredRow(anchor),
  }
}

/** What client certificates are trusted by: CAs, and single certificates. The content is the DER, a `.cer` file. */
export function trustAnchors({ identity }: Services): EntitySet<Call> {
  /** @throws odata.entityMissing */
  function required(key: Row): TrustAnchor {
    const found = identity.anchors.find(textOf(key, 'Fingerprint'))
    if (found === undefined) throw odataFaults.entityMissing({ set: 'TrustAnchors' })
    return found
  }

  return {
    name: 'TrustAnchors',
    list: { requires: roles.readSecurityMaterial, run: async () => identity.anchors.list().map(row) },
    create: {
      requires: roles.editSecurityMaterial,
      status: 201,
      run: async (body, { caller }) => {
        requireTexts(body, ['Certificate'])
        const request = {
          certificate: textOf(body, 'Certificate'),
          ...present({ name: optionalText(body, 'Name') }),
        }
        return row(await identity.anchors.create(request, caller.name))
      },
    },
    update: {
      requires: roles.editSecurityMaterial,
      status: 204,
      run: async (key, body, { caller }) => {
        requireTexts(body, ['Name'])
        await identity.anchors.update(required(key).fingerprint, { name: textOf(body, 'Name') }, caller.name)
      },
    },
    remove: {
      requires: roles.editSecurityMaterial,
      status: 204,
      run: (key, { caller }) => identity.anchors.remove(required(key).fingerprint, caller.name),
    },
    media: {
      requires: roles.readSecurityMaterial,
      run: async (key) => {
        const { name, pem } = required(key)
        const [certificate] = readCertificates(pem)
        return (
          certificate && { content: certificate.raw, contentType: 'application/pkix-cert', fileName: `${name}.cer` }
        )
      },
    },
    type: {
      name: 'TrustAnchor',
      key: ['Fingerprint'],
      properties: {
        Fingerprint: text(64),
        Name: text(255),
        Kind: text(),
        Origin: text(),
        Subject: text(),
        Issuer: text(),
        SerialNumber: text(),
        KeyType: text(),
        ValidFrom: dateTime,
        ValidTo: dateTime,
        Certificate: certificateText,
        ...authoredProperties,
      },
      media: 'application/pkix-cert',
    },
  }
}
