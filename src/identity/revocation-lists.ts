import type { Clock } from '../base/index.ts'
import { canonicalDn } from '../keystore/index.ts'
import type { Identity } from './contracts.ts'
import { faults } from './faults.ts'
import { authored } from './names.ts'
import type { CertificateTrust } from './ports.ts'
import { readRevocationList } from './read-revocation-list.ts'
import type { RevocationList } from './records.ts'
import type { Registry } from './registry.ts'

/** Lists of revoked certificates that administrators give: the latest of each issuer is kept. */
export function createRevocationLists(given: {
  readonly registry: Registry
  readonly clock: Clock
  readonly trust?: CertificateTrust | undefined
}): Identity['revocationLists'] {
  const { registry, clock, trust } = given

  /** The scopes of lists that are kept; reading a list again waits, and a change must not. */
  async function scopes(): Promise<ReadonlyMap<string, string>> {
    const lists = [...registry.view().of('revocationList').values()]
    const read = await Promise.all(lists.map(({ der }) => readRevocationList(Buffer.from(der, 'base64'))))
    return new Map(read.map(({ fingerprint, scope }) => [fingerprint, scope]))
  }

  return {
    list: () => [...registry.view().of('revocationList').values()],
    find: (fingerprint) => registry.view().of('revocationList').get(fingerprint.toLowerCase()),
    async create({ list }, author) {
      const { scope, der, ...read } = await readRevocationList(list)
      trust?.checkCrl?.(der)
      await registry.reload()
      const kept = await scopes()
      const rivals = ({ issuer, fingerprint }: RevocationList) =>
        sameName(issuer, read.issuer) && (kept.get(fingerprint) ?? scope) === scope
      return registry.change((draft) => {
        const same = draft.of('revocationList').get(read.fingerprint)
        if (same !== undefined) return same
        for (const present of [...draft.of('revocationList').values()].filter(rivals)) {
          if (present.thisUpdate >= read.thisUpdate)
            throw faults.revocationListOlder({
              issuer: read.issuer,
              present: new Date(present.thisUpdate).toISOString(),
              given: new Date(read.thisUpdate).toISOString(),
            })
          draft.drop('revocationList', present.fingerprint)
        }
        return draft.put('revocationList', { ...read, der: der.toString('base64'), ...authored(author, clock.now()) })
      })
    },
    remove: (id) =>
      registry.change((draft) => {
        const list = draft.of('revocationList').get(id.toLowerCase())
        if (list === undefined) throw faults.revocationListUnknown({ fingerprint: id })
        draft.drop('revocationList', list.fingerprint)
      }),
  }
}

const sameName = (one: string, other: string): boolean =>
  one === other || (canonicalDn(one) !== undefined && canonicalDn(one) === canonicalDn(other))
