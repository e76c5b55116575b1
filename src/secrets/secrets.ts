import type { Clock } from '../base/index.ts'
import type { UserCredential } from '../flow/index.ts'
import type { Sealer } from '../keystore/index.ts'
import { faults } from './faults.ts'
import type { MaterialStore, StoredMaterial } from './ports.ts'

/** What is shown of a user credential; never its password. */
export interface ShownCredential {
  readonly name: string
  readonly kind: string
  readonly description: string
  readonly user: string
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
}

/** A change; without a password the credential keeps the one it has. */
export type ChangedCredential = Omit<GivenCredential, 'password'> & { readonly password?: string }

export interface Secrets {
  /** @throws secrets.nameTaken */
  readonly create: (given: GivenCredential, by: string) => Promise<ShownCredential>
  /** @throws secrets.credentialUnknown */
  readonly update: (changed: ChangedCredential, by: string) => Promise<ShownCredential>
  /** @throws secrets.credentialUnknown */
  readonly remove: (name: string) => Promise<void>
  readonly list: () => Promise<readonly ShownCredential[]>
  /** @throws secrets.credentialUnknown */
  readonly find: (name: string) => Promise<ShownCredential>
  /** Lends user and password for the time of a call. @throws secrets.credentialUnknown */
  readonly userCredential: (alias: string) => Promise<UserCredential>
}

const type = 'UserCredential'

// A sealed password that is moved to another name or another type of material opens no more.
const context = (name: string): string => JSON.stringify(['material', type, name])

const shown = (material: StoredMaterial): ShownCredential => ({
  name: material.name,
  kind: material.kind,
  description: material.description,
  user: material.shown['user'] ?? '',
  deployedBy: material.deployedBy,
  deployedAt: material.deployedAt,
})

/** User credentials of a tenant: their passwords are sealed at rest, and given to the adapter that calls with them only. */
export function createSecrets(given: {
  readonly store: MaterialStore
  readonly sealer: Sealer
  readonly clock: Clock
}): Secrets {
  const { store, sealer, clock } = given

  async function stored(name: string): Promise<StoredMaterial> {
    const material = await store.find(name)
    if (material === undefined || material.type !== type) throw faults.credentialUnknown({ alias: name })
    return material
  }

  const seal = (name: string, password: string): string =>
    sealer.seal(Buffer.from(JSON.stringify({ password })), context(name))

  const material = ({ name, description, user }: ChangedCredential, sealed: string, by: string): StoredMaterial => ({
    name,
    type,
    kind: 'default',
    description,
    shown: { user },
    sealed,
    deployedBy: by,
    deployedAt: clock.now(),
  })

  return {
    create: async (credential, by) => {
      const created = material(credential, seal(credential.name, credential.password), by)
      if (!(await store.insert(created))) throw faults.nameTaken({ name: credential.name })
      return shown(created)
    },
    update: async (credential, by) => {
      const { name, password } = credential
      const before = await stored(name)
      const updated = material(credential, password === undefined ? before.sealed : seal(name, password), by)
      if (!(await store.update(updated))) throw faults.credentialUnknown({ alias: name })
      return shown(updated)
    },
    remove: async (name) => {
      await stored(name)
      if (!(await store.remove(name))) throw faults.credentialUnknown({ alias: name })
    },
    list: async () => (await store.list(type)).map(shown),
    find: async (name) => shown(await stored(name)),
    userCredential: async (alias) => {
      const { shown, sealed } = await stored(alias)
      const { password } = JSON.parse(sealer.open(sealed, context(alias)).toString()) as { password: string }
      return { user: shown['user'] ?? '', password }
    },
  }
}
