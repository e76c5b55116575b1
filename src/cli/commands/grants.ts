import { text } from '../../fields/index.ts'
import { type Entity, textOf } from '../api/entity.ts'
import { entity, literal, query } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { type Column, showEntities } from '../registry.ts'
import type { Session } from '../session.ts'

const columns: readonly Column[] = [
  { property: 'FlowId', title: 'Flow' },
  { property: 'Kind', title: 'Kind' },
  { property: 'Alias', title: 'Alias' },
  { property: 'Basis', title: 'Basis' },
  { property: 'Allowed', title: 'Allowed' },
  { property: 'Place', title: 'Place' },
  { property: 'ModifiedBy', title: 'By' },
]

const positionals = { flow: text({ label: 'flow', help: 'Id of the flow.' }) }
const flags = {
  credential: text({
    label: 'alias',
    help: "Name of a security material; '*' in quotes for every one.",
    default: '',
  }),
  key: text({ label: 'alias', help: "Alias of a keystore entry; '*' in quotes for every one.", default: '' }),
  impersonation: text({
    label: 'alias',
    help: 'Credential or CA key with which the flow may speak for a user that it names itself.',
    default: '',
  }),
}

interface Secret {
  readonly kind: 'credential' | 'key' | 'impersonation'
  readonly alias: string
}

/** @throws cli.usage where no secret is named */
function secretsOf(
  command: string,
  given: { readonly credential: string; readonly key: string; readonly impersonation: string },
): readonly Secret[] {
  const secrets = (['credential', 'key', 'impersonation'] as const)
    .map((kind) => ({ kind, alias: given[kind] }))
    .filter(({ alias }) => alias !== '')
  if (secrets.length === 0)
    throw faults.usage({ problems: ['name a secret with --credential, --key or --impersonation'], command })
  return secrets
}

const grantsFor = ({ api }: Session, flow: string): Promise<readonly Entity[]> =>
  api().list(`SecretGrants${query({ $filter: flow && `FlowId eq ${literal(flow)}` })}`)

const say = ({ api }: Session, flow: string, { kind, alias }: Secret, allowed: boolean): Promise<string> =>
  api().write('POST', 'SecretGrants', { FlowId: flow, Kind: kind, Alias: alias, Allowed: allowed })

const takeBack = ({ api }: Session, flow: string, { kind, alias }: Secret): Promise<string> =>
  api().write('DELETE', entity`SecretGrants(FlowId=${flow},Kind=${kind},Alias=${alias},Basis=${'administrator'})`)

function show({ output }: Session, flow: string, secrets: readonly Secret[], done: string): void {
  output.result(
    secrets.map((secret) => ({ flow, ...secret, done })),
    secrets.map(({ kind, alias }) => `${done}  ${flow}  ${kind}  ${alias}`).join('\n'),
  )
}

export const grantsList = declareCommand({
  name: 'grants list',
  summary:
    'Lists which flows may use which secrets: by their models, by their scripts, and by the word of an administrator.',
  examples: [
    { line: 'grants list', words: 'Lists those of all deployed flows.' },
    { line: 'grants list Orders', words: 'Lists those of one flow.' },
  ],
  positionals: { flow: text({ label: 'flow', help: 'Id of the flow.', default: '' }) },
  flags: {},
  async run({ flow }, session) {
    showEntities(session, await grantsFor(session, flow), columns, 'No flow may use a secret.')
  },
})

export const grantsAdd = declareCommand({
  name: 'grants add',
  summary: 'Lets a flow use a secret, and its scripts read it.',
  examples: [{ line: 'grants add Orders --credential ERP', words: 'Also scripts of the flow Orders may read ERP.' }],
  positionals,
  flags,
  async run({ flow, ...given }, session) {
    const secrets = secretsOf('grants add', given)
    for (const secret of secrets) await say(session, flow, secret, true)
    show(session, flow, secrets, 'added')
  },
})

/** True where the flow asks for the secret itself, by its alias or for every one. */
const asksFor = (found: readonly Entity[], { kind, alias }: Secret): boolean =>
  found.some(
    (each) =>
      textOf(each, 'Kind') === kind &&
      textOf(each, 'Basis') !== 'administrator' &&
      [alias, '*'].includes(textOf(each, 'Alias')),
  )

export const grantsRemove = declareCommand({
  name: 'grants remove',
  summary:
    'Takes a grant away. Where the flow asks for the secret itself, it stays taken away until grants add or grants reset.',
  examples: [
    { line: 'grants remove Orders --credential ERP', words: 'The flow Orders gets ERP no more.' },
    { line: "grants remove Orders --key '*'", words: 'Leaves the flow the keys that it names, and no other.' },
  ],
  positionals,
  flags,
  async run({ flow, ...given }, session) {
    const secrets = secretsOf('grants remove', given)
    const found = await grantsFor(session, flow)
    for (const secret of secrets)
      await (asksFor(found, secret) ? say(session, flow, secret, false) : takeBack(session, flow, secret))
    show(session, flow, secrets, 'removed')
  },
})

export const grantsReset = declareCommand({
  name: 'grants reset',
  summary: 'Forgets what an administrator said of a secret, so that what the flow asks for counts again.',
  examples: [{ line: 'grants reset Orders --credential ERP', words: 'Undoes grants add and grants remove.' }],
  positionals,
  flags,
  async run({ flow, ...given }, session) {
    const secrets = secretsOf('grants reset', given)
    for (const secret of secrets) await takeBack(session, flow, secret)
    show(session, flow, secrets, 'reset')
  },
})
