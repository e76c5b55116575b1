import type { Clock } from '../base/index.ts'
import type { ExtraGrants, Grant } from '../flow/index.ts'
import type { RecordsInMemory } from '../records/index.ts'
import type { AuditPort } from './contracts.ts'
import { faults } from './faults.ts'
import { type GrantKey, grantIdOf, type GrantRecord, type SecretKinds } from './records.ts'

export type GivenGrant = GrantKey & Pick<GrantRecord, 'allowed'>

/** What administrators said of the secrets that flows may use; what flows ask for themselves is not in it. */
export interface SecretGrants {
  /** Of one flow, or of all; ordered by flow, kind and alias. */
  readonly list: (flowId?: string) => readonly GrantRecord[]
  /** Gives a grant or takes one away, in place of what was said before. @throws secrets.grantInvalid, secrets.tooMany */
  readonly put: (given: GivenGrant, by: string) => Promise<GrantRecord>
  /** Takes back what was said, so that what the flow asks for counts again. @throws secrets.grantMissing */
  readonly remove: (key: GrantKey, by: string) => Promise<void>
  /** From memory; a change counts from the next call on. */
  readonly extra: (flowId: string) => ExtraGrants
}

const mostGrants = 10_000
const longestFlowId = 200
const longestAlias = 256

const nothingExtra: ExtraGrants = { added: [], removed: [] }

/** The grants that administrators give and take away, beside those that are inferred from flows. */
export function createSecretGrants(given: {
  readonly records: RecordsInMemory<SecretKinds, unknown>
  readonly clock: Clock
  readonly audit: AuditPort
}): SecretGrants {
  const { records, clock, audit } = given
  let byFlow = new Map<string, ExtraGrants>()
  let madeAt: number | undefined

  function list(flowId?: string): readonly GrantRecord[] {
    const all = [...records.view().of('grant').values()]
    return all
      .filter((grant) => flowId === undefined || grant.flowId === flowId)
      .sort((a, b) => (grantIdOf(a) < grantIdOf(b) ? -1 : 1))
  }

  const note = (action: string, by: string, key: GrantKey, attributes: Readonly<Record<string, string>> = {}) =>
    audit.record({
      action,
      objectType: 'SecretGrant',
      objectId: `${key.flowId} ${key.kind} ${key.alias}`,
      attributes: { by, flow: key.flowId, kind: key.kind, alias: key.alias, ...attributes },
    })

  return {
    list,
    async put({ flowId, kind, alias, allowed }, by) {
      const key = { flowId, kind, alias }
      const problems = problemsOf(key)
      if (problems.length > 0) throw faults.grantInvalid({ problems })
      const { record, before } = await records.change((draft) => {
        const known = draft.of('grant')
        const before = known.get(grantIdOf(key))
        if (before === undefined && known.size >= mostGrants) throw faults.tooMany({ label: 'grant', most: mostGrants })
        const at = clock.now()
        const { createdBy = by, createdAt = at } = before ?? {}
        const record = draft.put('grant', { ...key, allowed, createdBy, createdAt, modifiedBy: by, modifiedAt: at })
        return { record, before }
      })
      await note(before === undefined ? 'create' : 'update', by, key, {
        allowed: String(allowed),
        ...(before && { before: String(before.allowed) }),
      })
      return record
    },
    async remove({ flowId, kind, alias }, by) {
      const key = { flowId, kind, alias }
      const gone = await records.change((draft) => {
        const before = draft.of('grant').get(grantIdOf(key))
        if (before === undefined) throw faults.grantMissing(key)
        draft.drop('grant', grantIdOf(key))
        return before
      })
      await note('delete', by, key, { before: String(gone.allowed) })
    },
    extra(flowId) {
      if (madeAt !== records.revision()) {
        madeAt = records.revision()
        byFlow = extrasOf(list())
      }
      return byFlow.get(flowId) ?? nothingExtra
    },
  }
}

const extrasOf = (grants: readonly GrantRecord[]): Map<string, ExtraGrants> =>
  new Map(
    [...Map.groupBy(grants, ({ flowId }) => flowId)].map(([flowId, ofFlow]) => [
      flowId,
      {
        added: ofFlow.filter(({ allowed }) => allowed).map(grantOf),
        removed: ofFlow.filter(({ allowed }) => !allowed).map(({ kind, alias }) => ({ kind, alias })),
      },
    ]),
  )

const grantOf = ({ flowId, kind, alias, modifiedBy, modifiedAt }: GrantRecord): Grant => ({
  flowId,
  kind,
  alias,
  basis: 'administrator',
  where: '',
  by: modifiedBy,
  at: modifiedAt,
})

function problemsOf({ flowId, kind, alias }: GrantKey): readonly string[] {
  const kinds: readonly string[] = ['credential', 'key', 'impersonation']
  return [
    ...(kinds.includes(kind) ? [] : ['the kind must be credential, key or impersonation']),
    ...textProblems('the id of the flow', flowId, longestFlowId),
    ...textProblems('the alias', alias, longestAlias),
  ]
}

function textProblems(what: string, text: string, longest: number): readonly string[] {
  if (text.trim() === '') return [`${what} is missing`]
  if (text.length > longest) return [`${what} has more than ${longest} characters`]
  return /\p{Cc}/u.test(text) ? [`${what} has control characters`] : []
}
