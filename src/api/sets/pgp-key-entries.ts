import { dateTime, type EntitySet, flag, int32, odataFaults, type Row, text } from '../../odata/index.ts'
import type { PgpKeyType, ShownPgpKey } from '../../secrets/index.ts'
import { authoredProperties, authoredRow } from '../authored-row.ts'
import { roles } from '../roles.ts'
import { textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

type Part = ShownPgpKey['parts'][number]

// The same key can lie in both rings; the public one has the id that the original's clients know.
const idOf = ({ type, keyId }: ShownPgpKey): string => (type === 'public' ? keyId : `${keyId}-secret`)

/** Which key of which ring an id names. */
function named(id: string): { readonly type: PgpKeyType; readonly keyId: string } {
  const keyId = id.replace(/-secret$/, '')
  return { type: keyId === id ? 'public' : 'secret', keyId }
}

const partRow = (part: Part | undefined): Row => ({
  KeyId: part?.keyId ?? null,
  Fingerprint: part?.fingerprint ?? null,
  Algorithm: part?.algorithm ?? null,
  KeyLength: part?.strength ?? null,
  Curve: part?.curve ?? null,
  KeyFlags: part?.usage.join(', ') ?? null,
  ValidFrom: part?.validFrom ?? null,
  ValidUntil: part?.validUntil ?? null,
  ValidityState: part?.validity ?? null,
})

const partProperties = {
  KeyId: text(16),
  Fingerprint: text(),
  Algorithm: text(),
  KeyLength: int32,
  Curve: text(),
  KeyFlags: text(),
  ValidFrom: dateTime,
  ValidUntil: dateTime,
  ValidityState: text(),
}

const row = (key: ShownPgpKey): Row => ({
  ...partRow(key.parts[0]),
  Id: idOf(key),
  Type: key.type,
  PrimaryUserId: key.primaryUserId,
  ...authoredRow(key),
})

/** Subkeys, read along with their key. */
export const pgpSubKeys: EntitySet<Call> = {
  name: 'PgpSubKeys',
  type: { name: 'PgpSubKey', key: ['KeyId'], properties: partProperties },
}

/** User IDs, read along with their key. */
export const pgpUserIds: EntitySet<Call> = {
  name: 'PgpUserIds',
  type: { name: 'PgpUserId', key: ['UserId'], properties: { UserId: text(), Primary: flag } },
}

/** The keys of both rings. The content is the public key, armored. */
export function pgpKeyEntries({ secrets }: Services): EntitySet<Call> {
  const { pgp } = secrets
  const keyOf = (parent: Row): ShownPgpKey | undefined => {
    const { type, keyId } = named(textOf(parent, 'Id'))
    return pgp.find(type, keyId)
  }
  const requires = roles.readSecurityMaterial
  return {
    name: 'PgpKeyEntries',
    list: {
      requires,
      run: async () => {
        await secrets.reload()
        return [...pgp.list('public'), ...pgp.list('secret')].map(row)
      },
    },
    remove: {
      requires: roles.editSecurityMaterial,
      status: 202,
      run: async (key, { caller }) => {
        const { type, keyId } = named(textOf(key, 'Id'))
        if (pgp.find(type, keyId) === undefined) throw odataFaults.entityMissing({ set: 'PgpKeyEntries' })
        await pgp.remove(type, keyId, caller.name)
      },
    },
    media: {
      requires,
      run: async (key) => {
        const found = named(textOf(key, 'Id'))
        if (pgp.find(found.type, found.keyId) === undefined) return undefined
        const content = await pgp.exportPublic({ ...found, format: 'asc' })
        return { content, contentType: 'application/pgp-keys', fileName: `${found.keyId}.asc` }
      },
    },
    type: {
      name: 'PgpKeyEntry',
      key: ['Id'],
      properties: { Id: text(32), Type: text(), PrimaryUserId: text(), ...partProperties, ...authoredProperties },
      media: 'application/pgp-keys',
      navigations: {
        SubKeys: {
          to: 'PgpSubKeys',
          many: true,
          of: (parent) => ({ list: { requires, run: async () => keyOf(parent)?.parts.slice(1).map(partRow) ?? [] } }),
        },
        UserIds: {
          to: 'PgpUserIds',
          many: true,
          of: (parent) => ({
            list: {
              requires,
              run: async () => {
                const key = keyOf(parent)
                return key?.userIds.map((id) => ({ UserId: id, Primary: id === key.primaryUserId })) ?? []
              },
            },
          }),
        },
      },
    },
  }
}
