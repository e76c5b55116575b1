import type { Clock } from '../base/index.ts'
import type { Sealer } from '../keystore/index.ts'
import type { RecordsInMemory } from '../records/index.ts'
import type { AuditPort, WhereUsed } from './contracts.ts'
import { faults } from './faults.ts'
import {
  type Authored,
  type DeployStatus,
  knownHostsName,
  type MaterialRecord,
  type MaterialTypeName,
  sealContextOf,
  type SecretKinds,
} from './records.ts'
import { defaultsOf, type MaterialType, problemsOf, type RawFields } from './types/declare-material.ts'
import { materialTypes } from './types/index.ts'

/** What is shown of a security material; never what is secret in it. */
export interface ShownMaterial extends Authored {
  readonly name: string
  readonly type: MaterialTypeName
  readonly kind: string
  readonly description: string
  /** Raw values of the shown fields, defaults included. */
  readonly fields: RawFields
  readonly status: DeployStatus
}

/** A material as an administrator gives it: raw values of shown and secret fields by their declared names. */
export interface GivenMaterial {
  readonly type: MaterialTypeName
  readonly name: string
  readonly description?: string
  readonly fields: RawFields
}

/** A material opened for a call. Hold it no longer than the call. */
export interface LentMaterial {
  readonly kind: string
  readonly shown: RawFields
  readonly secret: RawFields
}

export interface Materials {
  /** Ordered by name. */
  readonly list: (type?: MaterialTypeName) => readonly ShownMaterial[]
  readonly find: (type: MaterialTypeName, name: string) => ShownMaterial | undefined
  /** @throws secrets.nameTaken, secrets.materialInvalid, secrets.tooMany */
  readonly create: (given: GivenMaterial, by: string) => Promise<ShownMaterial>
  /**
   * Fields that are not given keep what they have, secret ones too.
   * @throws secrets.materialUnknown, secrets.materialInvalid, secrets.secretNeeded
   */
  readonly update: (given: GivenMaterial, by: string) => Promise<ShownMaterial>
  /** @throws secrets.materialUnknown, secrets.inUse naming what uses it */
  readonly remove: (type: MaterialTypeName, name: string, by: string) => Promise<void>
  /** From memory; a change counts from the next call on. @throws secrets.materialUnknown, keystore.sealBroken */
  readonly lend: (type: MaterialTypeName, name: string) => LentMaterial
  /** Adds secrets that nobody types, such as a refresh token, unless the material changed since `lent` was lent. */
  readonly keep: (
    given: {
      readonly type: MaterialTypeName
      readonly name: string
      readonly secret: RawFields
      readonly shown?: RawFields
    },
    lent: LentMaterial,
    by: string,
  ) => Promise<void>
}

/** Longer names cannot be an alias in a channel. */
const longestName = 150

function nameProblems({ nameProblem }: MaterialType, name: string): readonly string[] {
  if (name === '') return ['the name must not be empty']
  if (name.length > longestName) return [`the name is longer than ${longestName} characters`]
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(name) || name.trim() !== name)
    return ['the name must not hold control characters, or blanks at its ends']
  if (name === knownHostsName) return [`the name ${knownHostsName} is that of the known hosts`]
  const problem = nameProblem?.(name)
  return problem === undefined ? [] : [`the name ${problem}`]
}

function shownOf(record: MaterialRecord): ShownMaterial {
  const { name, type, kind, description, shown, status, createdBy, createdAt, modifiedBy, modifiedAt } = record
  const fields = { ...defaultsOf(materialTypes[type].shown), ...shown }
  return { name, type, kind, description, fields, status, createdBy, createdAt, modifiedBy, modifiedAt }
}

// Values sealed before there were records are bound to type and name; any other context is somebody's attempt.
const contextOf = ({ name, type, sealContext }: MaterialRecord): string => {
  const before = JSON.stringify(['material', type, name])
  return sealContext === before ? before : sealContextOf('material', name)
}

/** Security material of a tenant that has a name. */
export function createMaterials(given: {
  readonly records: RecordsInMemory<SecretKinds, unknown>
  readonly sealer: Sealer
  readonly clock: Clock
  readonly whereUsed: WhereUsed
  readonly audit: AuditPort
}): Materials {
  const { records, sealer, clock, whereUsed, audit } = given
  // A change makes another record, so that what was opened of the old one is found no more.
  const opened = new WeakMap<MaterialRecord, LentMaterial>()

  function required(type: MaterialTypeName, name: string, view = records.view()): MaterialRecord {
    const record = view.of('material').get(name)
    if (record === undefined || record.type !== type) {
      if (type === 'UserCredential') throw faults.credentialUnknown({ alias: name })
      throw faults.materialUnknown({ label: materialTypes[type].label, name })
    }
    return record
  }

  function open(record: MaterialRecord): LentMaterial {
    let lent = opened.get(record)
    if (lent === undefined) {
      const secret = JSON.parse(sealer.open(record.sealed, contextOf(record)).toString()) as RawFields
      lent = { kind: record.kind, shown: shownOf(record).fields, secret }
      opened.set(record, lent)
    }
    return lent
  }

  /** The secrets that a change builds on. Where the seal is broken, entering a secret again heals it. */
  function heldSecrets(record: MaterialRecord, entered: RawFields): RawFields {
    try {
      return open(record).secret
    } catch (error) {
      if (Object.values(entered).some((value) => value !== undefined && value !== '')) return {}
      throw error
    }
  }

  const seal = (name: string, secret: RawFields): string =>
    sealer.seal(Buffer.from(JSON.stringify(secret)), sealContextOf('material', name))

  const noted = (action: string, { type, name }: Pick<MaterialRecord, 'type' | 'name'>, by: string) =>
    audit.record({ action, objectType: type, objectId: name, attributes: { by } })

  /** Given fields by where they belong; names that are declared nowhere count as shown, and are refused there. */
  function parted(type: MaterialType, fields: RawFields) {
    const entries = Object.entries(fields)
    const isSecret = ([name]: [string, string]) => Object.hasOwn(type.secret, name)
    return {
      shown: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
      secret: Object.fromEntries(entries.filter(isSecret)),
    }
  }

  function checked(type: MaterialType, name: string, shown: RawFields, secret: RawFields): void {
    const problems = [...nameProblems(type, name), ...problemsOf(type, shown, secret)]
    if (problems.length > 0) throw faults.materialInvalid({ label: type.label, problems })
  }

  return {
    list: (type) =>
      [...records.view().of('material').values()]
        .filter((record) => type === undefined || record.type === type)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(shownOf),
    find: (type, name) => {
      const record = records.view().of('material').get(name)
      return record?.type === type ? shownOf(record) : undefined
    },
    create: async ({ type, name, description = '', fields }, by) => {
      const declared = materialTypes[type]
      const { shown, secret } = parted(declared, fields)
      checked(declared, name, shown, secret)
      const sealed = seal(name, secret)
      const at = clock.now()
      const created = await records.change((draft) => {
        const materials = draft.of('material')
        if (materials.has(name)) throw faults.nameTaken({ name })
        const same = [...materials.values()].filter((record) => record.type === type).length
        if (same >= declared.most) throw faults.tooMany({ label: declared.label, most: declared.most })
        return draft.put('material', {
          name,
          type,
          kind: shown['kind'] ?? declared.shown['kind']?.fallback ?? '',
          description,
          shown,
          sealed,
          status: declared.firstStatus,
          createdBy: by,
          createdAt: at,
          modifiedBy: by,
          modifiedAt: at,
        })
      })
      await noted('create', created, by)
      return shownOf(created)
    },
    update: async ({ type, name, description, fields }, by) => {
      const declared = materialTypes[type]
      const given = parted(declared, fields)
      const at = clock.now()
      const updated = await records.change((draft) => {
        const before = required(type, name, draft)
        const held = heldSecrets(before, given.secret)
        const shown = { ...before.shown, ...given.shown }
        // What was added to the secrets by itself, such as a refresh token, is not declared and not judged.
        const typed = Object.fromEntries(
          Object.entries(held).filter(([field]) => Object.hasOwn(declared.secret, field)),
        )
        const secret = { ...typed, ...given.secret }
        checked(declared, name, shown, secret)
        const defaults = defaultsOf(declared.shown)
        const differs = (field: string) =>
          (shown[field] ?? defaults[field]) !== (before.shown[field] ?? defaults[field])
        const moved = declared.sentTo.filter(differs)
        const absent = Object.keys(declared.secret).filter((field) => typed[field] && given.secret[field] === undefined)
        if (moved.length > 0 && absent.length > 0) throw faults.secretNeeded({ name, fields: moved, secrets: absent })
        const { sealContext: _, ...rest } = before
        // A grant was given for what the client was: another provider or client needs another.
        const again =
          declared.firstStatus === 'UNAUTHORIZED' &&
          ['provider', 'authorizationUrl', 'tokenServiceUrl', 'clientId', 'scope'].some(differs)
        return draft.put('material', {
          ...rest,
          kind: shown['kind'] ?? before.kind,
          description: description ?? before.description,
          shown,
          sealed: seal(name, again ? secret : { ...held, ...secret }),
          status: again ? declared.firstStatus : before.status,
          modifiedBy: by,
          modifiedAt: at,
        })
      })
      await noted('update', updated, by)
      return shownOf(updated)
    },
    remove: async (type, name, by) => {
      required(type, name)
      const users = await whereUsed('credential', name)
      if (users.length > 0) throw faults.inUse({ name, users })
      await records.change((draft) => {
        required(type, name, draft)
        draft.drop('material', name)
      })
      await noted('delete', { type, name }, by)
    },
    lend: (type, name) => open(required(type, name)),
    keep: async ({ type, name, secret, shown }, lent, by) => {
      await records.change((draft) => {
        const before = required(type, name, draft)
        const held = open(before)
        const fields = [...Object.keys(materialTypes[type].secret), 'refreshToken']
        if (
          JSON.stringify(held.shown) !== JSON.stringify(lent.shown) ||
          fields.some((field) => held.secret[field] !== lent.secret[field])
        )
          throw faults.authorizationStateUnknown()
        const { sealContext: _, ...rest } = before
        draft.put('material', {
          ...rest,
          shown: { ...before.shown, ...shown },
          sealed: seal(name, { ...held.secret, ...secret }),
          status: 'DEPLOYED',
          modifiedBy: by,
          modifiedAt: clock.now(),
        })
      })
      await noted('authorize', { type, name }, by)
    },
  }
}
