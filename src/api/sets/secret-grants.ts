import type { GrantKind, InferredGrant } from '../../flow/index.ts'
import { dateTime, type EntitySet, flag, type Row, text } from '../../odata/index.ts'
import type { GrantKey, GrantRecord } from '../../secrets/index.ts'
import { faults } from '../faults.ts'
import { roles } from '../roles.ts'
import { optionalFlag, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const kinds = ['credential', 'key', 'impersonation'] as const satisfies readonly GrantKind[]
const administrator = 'administrator'

/**
 * Which flows may use which secrets: what the model and the scripts of deployed flows ask for, and what administrators
 * gave and took away. Only the latter can be written. The alias * stands for every alias.
 */
export function secretGrants({ secrets, grants }: Services): EntitySet<Call> {
  return {
    name: 'SecretGrants',
    list: {
      requires: roles.readGrants,
      run: async () => {
        await secrets.reload()
        const said = secrets.grants.list()
        return [...(await grants()).map((grant) => inferredRow(grant, said)), ...said.map(administratorRow)]
      },
    },
    create: {
      requires: roles.editCredentials,
      status: 201,
      run: async (body, { caller }) => {
        requireTexts(body, ['FlowId', 'Kind', 'Alias'])
        const allowed = optionalFlag(body, 'Allowed') ?? true
        return administratorRow(await secrets.grants.put({ ...keyOf(body), allowed }, caller.name))
      },
    },
    remove: {
      requires: roles.editCredentials,
      status: 204,
      run: async (key, { caller }) => {
        if (textOf(key, 'Basis') !== administrator)
          throw faults.choiceInvalid({ property: 'Basis', choices: [administrator] })
        await secrets.grants.remove(keyOf(key), caller.name)
      },
    },
    type: {
      name: 'SecretGrant',
      key: ['FlowId', 'Kind', 'Alias', 'Basis'],
      properties: {
        FlowId: text(200),
        Kind: text(13),
        Alias: text(256),
        Basis: text(13),
        Allowed: flag,
        Place: text(),
        ModifiedBy: text(),
        ModifiedAt: dateTime,
      },
    },
  }
}

/** @throws api.choiceInvalid */
function keyOf(row: Row): GrantKey {
  const kind = kinds.find((one) => one === textOf(row, 'Kind'))
  if (kind === undefined) throw faults.choiceInvalid({ property: 'Kind', choices: kinds })
  return { flowId: textOf(row, 'FlowId'), kind, alias: textOf(row, 'Alias') }
}

const inferredRow = ({ flowId, kind, alias, basis, where }: InferredGrant, said: readonly GrantRecord[]): Row => ({
  FlowId: flowId,
  Kind: kind,
  Alias: alias,
  Basis: basis,
  Allowed: !said.some((one) => !one.allowed && one.flowId === flowId && one.kind === kind && one.alias === alias),
  Place: where,
  ModifiedBy: null,
  ModifiedAt: null,
})

const administratorRow = ({ flowId, kind, alias, allowed, modifiedBy, modifiedAt }: GrantRecord): Row => ({
  FlowId: flowId,
  Kind: kind,
  Alias: alias,
  Basis: administrator,
  Allowed: allowed,
  Place: null,
  ModifiedBy: modifiedBy,
  ModifiedAt: modifiedAt,
})
