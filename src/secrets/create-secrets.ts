import type { Clock } from '../base/index.ts'
import type { UserCredential } from '../flow/index.ts'
import type { Sealer } from '../keystore/index.ts'
import { createRecords, type RecordStore } from '../records/index.ts'
import { type AuthorizationCodes, createAuthorizationCodes } from './authorization-codes.ts'
import type { ConnectOptions } from './token-request.ts'
import type { AuditPort, WhereUsed } from './contracts.ts'
import { faults } from './faults.ts'
import { createFlowCapabilities, type FlowCapabilities } from './capabilities.ts'
import { createSecretGrants, type SecretGrants } from './grants.ts'
import { createKnownHosts, type KnownHosts } from './known-hosts.ts'
import { createMaterials, type Materials, type ShownMaterial } from './materials.ts'
import { createPgpKeyrings, type PgpKeyrings } from './pgp/keyrings.ts'
import { grantIdOf, type SecretKinds } from './records.ts'
import type { RawFields } from './types/declare-material.ts'

/** What is shown of a user credential; never its password. */
export interface ShownCredential {
  readonly name: string
  readonly kind: string
  readonly description: string
  readonly user: string
  /** Empty but for SuccessFactors. */
  readonly companyId: string
  readonly deployedBy: string
  /** Milliseconds since 1970. */
  readonly deployedAt: number
}

/** A user credential as an administrator gives it. */
export interface GivenCredential {
  readonly name: string
  readonly description: string
  readonly user: string
  readonly password: string
  /** `default` where it is absent. */
  readonly kind?: string
  readonly companyId?: string
  readonly organization?: string
  readonly element?: string
}

/** A change; without a password the credential keeps the one it has. */
export type ChangedCredential = Omit<GivenCredential, 'password'> & { readonly password?: string }

/** User credentials alone, under the names that adapters and the API know. */
export interface UserCredentials {
  /** @throws secrets.nameTaken, secrets.materialInvalid */
  readonly create: (given: GivenCredential, by: string) => Promise<ShownCredential>
  /** @throws secrets.credentialUnknown, secrets.materialInvalid */
  readonly update: (changed: ChangedCredential, by: string) => Promise<ShownCredential>
  /** @throws secrets.credentialUnknown, secrets.inUse */
  readonly remove: (name: string, by?: string) => Promise<void>
  readonly list: () => Promise<readonly ShownCredential[]>
  /** @throws secrets.credentialUnknown */
  readonly find: (name: string) => Promise<ShownCredential>
  /** Lends user and password for the time of a call. @throws secrets.credentialUnknown */
  readonly userCredential: (alias: string) => Promise<UserCredential>
}

export interface Secrets extends UserCredentials {
  readonly materials: Materials
  readonly authorizationCodes: AuthorizationCodes
  readonly knownHosts: KnownHosts
  readonly pgp: PgpKeyrings
  readonly grants: SecretGrants
  readonly capabilities: FlowCapabilities
  /** Grows with each change, also one that another process made. */
  readonly revision: () => number
  /** Takes over what other processes wrote. */
  readonly reload: () => Promise<void>
  /** Called after each change, also one that another process made. The answer ends it. */
  readonly onChange: (listener: () => void | Promise<unknown>) => () => void
}

/** How old memory may be, in milliseconds, where nobody told of a change. */
const usualMaxAge = 1000

const nothing: AuditPort = { record: async () => {} }

/** Opens the security material of a tenant: credentials, known hosts and PGP keys, sealed at rest. */
export async function createSecrets(given: {
  readonly store: RecordStore
  readonly sealer: Sealer
  readonly clock: Clock
  readonly whereUsed?: WhereUsed
  readonly audit?: AuditPort
  /** What connections to token services are opened with; as Node opens them where it is absent. */
  readonly connect?: ConnectOptions
  readonly maxAge?: number
}): Promise<Secrets> {
  const { store, sealer, clock, audit = nothing, maxAge = usualMaxAge, whereUsed = async () => [], connect } = given
  const records = await createRecords<SecretKinds, undefined>({
    store,
    ids: {
      capabilities: ({ artifactId }) => artifactId,
      grant: grantIdOf,
      material: ({ name }) => name,
      knownHosts: ({ name }) => name,
      pgpPublicKey: ({ keyId }) => keyId,
      pgpSecretKey: ({ keyId }) => keyId,
    },
    indexOf: () => undefined,
  })
  let lookedAt = clock.monotonic()
  async function reload(): Promise<void> {
    const began = clock.monotonic()
    await records.reload()
    lookedAt = began
  }
  const refreshed = async (): Promise<void> => {
    if (clock.monotonic() - lookedAt >= maxAge) await reload()
  }
  const materials = createMaterials({ records, sealer, clock, audit, whereUsed })
  return {
    ...userCredentials(materials, refreshed),
    materials,
    authorizationCodes: createAuthorizationCodes({ materials, clock, refreshed, connect }),
    knownHosts: createKnownHosts({ records, clock, audit }),
    pgp: createPgpKeyrings({ records, sealer, clock, audit }),
    grants: createSecretGrants({ records, clock, audit }),
    capabilities: createFlowCapabilities({ records, clock, audit }),
    revision: records.revision,
    reload,
    onChange: records.onChange,
  }
}

const type = 'UserCredential'

const shownOf = ({ name, kind, description, fields, modifiedBy, modifiedAt }: ShownMaterial): ShownCredential => ({
  name,
  kind,
  description,
  user: fields['user'] ?? '',
  companyId: fields['companyId'] ?? '',
  deployedBy: modifiedBy,
  deployedAt: modifiedAt,
})

function materialOf({ name, description, ...fields }: ChangedCredential) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return { type, name, description, fields: Object.fromEntries(given) as RawFields } as const
}

function userCredentials(materials: Materials, refreshed: () => Promise<void>): UserCredentials {
  return {
    create: async (credential, by) => shownOf(await materials.create(materialOf(credential), by)),
    update: async (credential, by) => shownOf(await materials.update(materialOf(credential), by)),
    remove: async (name, by = '') => {
      await refreshed()
      await materials.remove(type, name, by)
    },
    list: async () => {
      await refreshed()
      return materials.list(type).map(shownOf)
    },
    find: async (name) => {
      await refreshed()
      const found = materials.find(type, name)
      if (found === undefined) throw faults.credentialUnknown({ alias: name })
      return shownOf(found)
    },
    userCredential: async (alias) => {
      await refreshed()
      const { shown, secret } = materials.lend(type, alias)
      return { user: shown['user'] ?? '', password: secret['password'] ?? '' }
    },
  }
}
