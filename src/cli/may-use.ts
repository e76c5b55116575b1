import { Fault } from '../base/index.ts'
import type { InferredGrant } from '../flow/index.ts'
import { textOf } from './api/entity.ts'
import { literal, query } from './api/odata-address.ts'
import type { Session } from './session.ts'

/** Whether a flow may use a secret, and who says so. */
export interface FlowGrant {
  readonly kind: string
  /** `*` for every alias. */
  readonly alias: string
  /** `model`, `script` or `administrator` */
  readonly basis: string
  readonly allowed: boolean
}

/** The grants of a deployed flow; none where the server knows of none, undefined where the caller may not see them. */
export async function grantsOf({ api }: Pick<Session, 'api'>, flow: string): Promise<readonly FlowGrant[] | undefined> {
  try {
    const found = await api().list(`SecretGrants${query({ $filter: `FlowId eq ${literal(flow)}` })}`)
    return found.map((each) => ({
      kind: textOf(each, 'Kind'),
      alias: textOf(each, 'Alias'),
      basis: textOf(each, 'Basis'),
      allowed: each['Allowed'] === true,
    }))
  } catch (error) {
    const code = error instanceof Fault ? (error as Fault).code : undefined
    if (code === 'cli.notFound') return []
    if (code === 'cli.forbidden') return undefined
    throw error
  }
}

/** What a flow asks for, as long as no administrator says otherwise. */
export const asFlowGrants = (inferred: readonly InferredGrant[]): readonly FlowGrant[] =>
  inferred.map(({ kind, alias, basis }) => ({ kind, alias, basis, allowed: true }))

/** `may use: credential ERP (model), key * (script: any)`; '' where there is nothing to say. */
export function mayUseWords(grants: readonly FlowGrant[]): string {
  const may = listed(grants.filter(({ allowed }) => allowed))
  // What a flow asked for in vain is said once, by the word of the administrator that took it away.
  const mayNot = listed(grants.filter(({ allowed, basis }) => !allowed && basis === 'administrator'))
  return [may && `may use: ${may}`, mayNot && `may not use: ${mayNot}`].filter(Boolean).join('; ')
}

const listed = (grants: readonly FlowGrant[]): string =>
  [...Map.groupBy(grants, ({ kind, alias }) => `${kind} ${alias}`)]
    .map(([secret, group]) => `${secret} (${group.map(basisWords).join(', ')})`)
    .join(', ')

const basisWords = ({ alias, basis }: FlowGrant): string => (alias === '*' ? `${basis}: any` : basis)
