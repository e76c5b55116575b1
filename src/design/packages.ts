import type { Clock } from '../base/index.ts'
import { faults } from './faults.ts'
import { idProblem } from './names.ts'
import type { DesignStore, IntegrationPackage } from './ports.ts'

/** What a person sets on a package; everything else is kept by the design time. */
export type PackageFields = Omit<
  IntegrationPackage,
  'id' | 'createdBy' | 'createdAt' | 'modifiedBy' | 'modifiedAt' | 'mode'
>

const noFields: PackageFields = {
  name: '',
  description: '',
  shortText: '',
  version: '1.0.0',
  vendor: '',
  supportedPlatform: 'SAP Cloud Integration',
  products: '',
  keywords: '',
  countries: '',
  industries: '',
  lineOfBusiness: '',
}

/** The packages of a tenant. */
export function createPackages({ store, clock }: { readonly store: DesignStore; readonly clock: Clock }) {
  async function get(id: string): Promise<IntegrationPackage> {
    return (await store.package(id)) ?? raise(faults.packageMissing({ id }))
  }

  async function getEditable(id: string): Promise<IntegrationPackage> {
    const found = await get(id)
    if (found.mode === 'READ_ONLY') throw faults.packageReadOnly({ id })
    return found
  }

  return {
    list: store.packages,
    find: store.package,
    /** @throws design.packageMissing */
    get,

    /** @throws design.packageMissing, design.packageReadOnly */
    getEditable,

    /** @throws design.packageInvalid, design.packageExists */
    async create(given: { readonly id: string } & Partial<PackageFields>, by: string): Promise<IntegrationPackage> {
      const now = clock.now()
      const value: IntegrationPackage = {
        ...noFields,
        ...given,
        mode: 'EDIT_ALLOWED',
        createdBy: by,
        createdAt: now,
        modifiedBy: by,
        modifiedAt: now,
      }
      check(value)
      if (!(await store.insertPackage(value))) throw faults.packageExists({ id: value.id })
      return value
    },

    /** Fields not given stay. @throws design.packageMissing, design.packageReadOnly, design.packageInvalid */
    async update(id: string, given: Partial<PackageFields>, by: string): Promise<void> {
      const value = { ...(await getEditable(id)), ...given, modifiedBy: by, modifiedAt: clock.now() }
      check(value)
      if (!(await store.updatePackage(value))) throw faults.packageMissing({ id })
    },

    /** Deletes the package with its artifacts; what is deployed goes on running. @throws design.packageMissing */
    async remove(id: string): Promise<void> {
      if (!(await store.deletePackage(id))) throw faults.packageMissing({ id })
    },
  }
}

// The words about ShortText are those that clients of the original show to their users.
function check({ id, name, shortText }: IntegrationPackage): void {
  const problems = [
    idProblem(id),
    name === '' ? "Property 'Name' cannot be empty" : undefined,
    shortText === '' ? "Property 'ShortText' cannot be empty" : undefined,
  ].filter((problem) => problem !== undefined)
  if (problems.length > 0) throw faults.packageInvalid({ problems })
}

const raise = (fault: Error): never => {
  throw fault
}
