import {
  createRecords,
  type Draft as DraftOf,
  type Ids,
  type RecordsInMemory,
  type View as ViewOf,
} from '../records/index.ts'
import { comparable } from './names.ts'
import type { RegistryStore } from './ports.ts'
import type { Records } from './records.ts'

/** All that is known at one moment. */
export type View = ViewOf<Records>
export type Draft = DraftOf<Records>
export type Registry<Index = unknown> = RecordsInMemory<Records, Index>

/** What identifies a record of each kind. */
const ids: Ids<Records> = {
  role: ({ name }) => name,
  user: ({ name }) => comparable(name),
  group: ({ name }) => name,
  instance: ({ id }) => id,
  key: ({ id }) => id,
  certificate: ({ fingerprint }) => fingerprint,
  anchor: ({ fingerprint }) => fingerprint,
  revocationList: ({ fingerprint }) => fingerprint,
  tenantPolicy: () => 'tenant',
  endpointPolicy: ({ address }) => address,
  identityProvider: ({ id }) => id,
}

/** The records of who may call, in memory. */
export const createRegistry = <Index>(given: {
  readonly store: RegistryStore
  readonly indexOf: (view: View) => Index
}): Promise<Registry<Index>> => createRecords({ ...given, ids })
