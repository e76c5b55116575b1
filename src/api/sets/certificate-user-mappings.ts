import { createHash, X509Certificate } from 'node:crypto'

import type { RegisteredCertificate } from '../../identity/records.ts'
import { fingerprintOf, readCertificates } from '../../keystore/index.ts'
import { binary, type EntitySet, int64, odataFaults, type Row, text } from '../../odata/index.ts'
import { requireUser } from '../grants.ts'
import { roles } from '../roles.ts'
import { epochText, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

/** The original names a mapping by the MD5 of the certificate. It only finds one: what counts is the whole certificate. */
const idOf = ({ pem }: RegisteredCertificate): string =>
  createHash('md5').update(new X509Certificate(pem).raw).digest('hex')

const row = (record: RegisteredCertificate): Row => ({
  Id: idOf(record),
  User: record.holder.id,
  Certificate: Buffer.from(record.pem).toString('base64'),
  ValidUntil: BigInt(record.validTo),
  CreatedBy: record.createdBy,
  CreatedTime: epochText(record.createdAt),
  LastModifiedBy: record.modifiedBy,
  LastModifiedTime: epochText(record.modifiedAt),
})

/** Of all that a body holds; none where it cannot be read, which is for the registry to refuse. */
function fingerprintsOf(certificates: string): readonly string[] {
  try {
    return readCertificates(certificates).map(fingerprintOf)
  } catch {
    return []
  }
}

/** Certificates that stand for a user, as the original has them: POST creates a mapping or changes its user. */
export function certificateUserMappings({ identity }: Services): EntitySet<Call> {
  const find = (id: string) => identity.mappings.list().find((record) => idOf(record) === id.toLowerCase())

  return {
    name: 'CertificateUserMappings',
    list: { requires: roles.readSecurityMaterial, run: async () => identity.mappings.list().map(row) },
    find: {
      requires: roles.readSecurityMaterial,
      run: async (key) => {
        const found = find(textOf(key, 'Id'))
        return found && row(found)
      },
    },
    create: {
      requires: roles.editSecurityMaterial,
      status: 201,
      run: async (body, call) => {
        requireTexts(body, ['User', 'Certificate'])
        const user = textOf(body, 'User')
        const certificate = textOf(body, 'Certificate')
        requireUser(identity, user, call)
        for (const fingerprint of fingerprintsOf(certificate)) {
          const mapped = identity.mappings.find(fingerprint)
          if (mapped) requireUser(identity, mapped.holder.id, call)
        }
        const created = await identity.mappings.create({ user, certificate }, call.caller.name)
        // The original shows the end of validity only when it is read.
        return { ...row(created), ValidUntil: null }
      },
    },
    remove: {
      requires: roles.editSecurityMaterial,
      status: 204,
      run: async (key, call) => {
        const found = find(textOf(key, 'Id'))
        if (found === undefined) throw odataFaults.entityMissing({ set: 'CertificateUserMappings' })
        requireUser(identity, found.holder.id, call)
        await identity.mappings.remove(found.fingerprint, call.caller.name)
      },
    },
    type: {
      name: 'CertificateUserMapping',
      key: ['Id'],
      properties: {
        Id: text(32),
        User: text(150),
        // Base64 of PEM, as clients of the original send it; PEM and base64 of DER are read, too.
        Certificate: { ...binary, maxLength: 8192 },
        LastModifiedBy: text(150),
        LastModifiedTime: text(),
        CreatedBy: text(150),
        CreatedTime: text(),
        ValidUntil: int64,
      },
    },
  }
}
