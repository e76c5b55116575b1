import { integer, text } from '../../fields/index.ts'
import { type Entity, textOf } from '../api/entity.ts'
import { entity, literal, query } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { readBytes } from '../files.ts'
import { type Column, showEntities } from '../registry.ts'
import type { Session } from '../session.ts'

const columns: readonly Column[] = [
  { property: 'Id', title: 'Id' },
  { property: 'Hosts', title: 'Hosts' },
  { property: 'Algorithm', title: 'Algorithm' },
  { property: 'Fingerprint', title: 'Fingerprint' },
  { property: 'Marker', title: 'Marker' },
]

const file = text({ label: 'file', help: 'Lines as ssh-keyscan prints them; - is standard input.' })

export const knownHostsList = declareCommand({
  name: 'known-hosts list',
  summary: 'Lists the host keys by which flows know SSH servers.',
  examples: [{ line: 'known-hosts list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    showEntities(session, await session.api().list('KnownHosts'), columns, 'No host is known.')
  },
})

export const knownHostsAdd = declareCommand({
  name: 'known-hosts add',
  summary:
    'Adds host keys to those that are known. Compare the fingerprint with one from the owner of the server first.',
  examples: [{ line: 'known-hosts add keys.txt', words: 'Adds the lines that ssh-keyscan wrote into a file.' }],
  positionals: { file },
  flags: {},
  async run({ file }, session) {
    const lines = (await readBytes(session, file, 'known hosts')).toString('utf8')
    await session.api().write('POST', 'KnownHosts', { Lines: lines })
    session.output.result({ done: 'added' }, `added  ${file}`)
  },
})

export const knownHostsRemove = declareCommand({
  name: 'known-hosts remove',
  summary: 'Removes a host key: flows no longer reach the server with it.',
  examples: [{ line: 'known-hosts remove 0123456789abcdef', words: 'Removes the line of this id.' }],
  positionals: { id: text({ label: 'id', help: 'As known-hosts list shows it.' }) },
  flags: {},
  async run({ id }, { api, output }) {
    await api().write('DELETE', entity`KnownHosts(${id})`)
    output.result({ id, done: 'removed' }, `removed  ${id}`)
  },
})

interface Changes {
  readonly Id: string | null
  readonly ProposedBy: string | null
  readonly Added: readonly Entity[]
  readonly Removed: readonly Entity[]
  readonly Kept: number
}

function showChanges({ output }: Session, content: Buffer | undefined): void {
  const changes = JSON.parse(String(content)) as Changes
  const line = (sign: string) => (each: Entity) =>
    `${sign} ${textOf(each, 'Hosts')}  ${textOf(each, 'Algorithm')}  ${textOf(each, 'Fingerprint')}`
  const words = [
    ...changes.Removed.map(line('-')),
    ...changes.Added.map(line('+')),
    `${changes.Kept} stay as they are. Take it over with: known-hosts approve ${changes.Id}`,
  ]
  output.result(changes, changes.Id === null ? 'Nothing waits for approval.' : words.join('\n'))
}

export const knownHostsImport = declareCommand({
  name: 'known-hosts import',
  summary: 'Takes a file that is to replace all host keys, and shows what would change. It counts once it is approved.',
  examples: [{ line: 'known-hosts import known_hosts', words: 'Shows the differences.' }],
  positionals: { file },
  flags: {},
  async run({ file }, session) {
    const content = await readBytes(session, file, 'known hosts')
    showChanges(session, await session.api().invoke('ImportKnownHosts', content))
  },
})

/** What a connectivity test tells of an SSH server. */
interface Found {
  readonly facts: { readonly hostKeys?: readonly string[]; readonly hostKey?: string }
  readonly problem?: { readonly code: string; readonly reason: string; readonly remedy: string }
}

export const knownHostsFetch = declareCommand({
  name: 'known-hosts fetch',
  summary:
    'Asks a server for its host keys and shows what would change. They count once they are approved: compare the fingerprints with those from the owner of the server first.',
  examples: [
    { line: 'known-hosts fetch sftp.example.com --port 2222', words: 'Shows its keys beside the known ones.' },
  ],
  positionals: { host: text({ label: 'host', help: 'Name or address, as channels call it.' }) },
  flags: { port: integer({ label: 'port', help: 'Port of the server.', min: 1, max: 65_535, default: 22 }) },
  async run({ host, port }, session) {
    const { api, output } = session
    const question = { kind: 'ssh', host, port, hostKeyVerification: 'off' }
    const answer = await output.progress('asking', api().invoke('TestConnectivity', question))
    const { facts, problem } = JSON.parse(answer.toString()) as Found
    const keys = facts.hostKeys ?? (facts.hostKey === undefined ? [] : [facts.hostKey])
    if (keys.length === 0) throw faults.hostKeysAbsent({ host, reason: problem?.reason ?? 'it showed none' })
    const name = port === 22 ? host : `[${host}]:${port}`
    const present = String(await api().content('DownloadKnownHosts')).split('\n')
    const others = present.filter((line) => line.trim() !== '' && line.split(/\s+/, 1)[0] !== name)
    const lines = [...others, ...keys.map((key) => `${name} ${key}`)]
    showChanges(session, await api().invoke('ImportKnownHosts', Buffer.from(`${lines.join('\n')}\n`)))
  },
})

export const knownHostsReview = declareCommand({
  name: 'known-hosts review',
  summary: 'Shows the differences that wait for approval.',
  examples: [{ line: 'known-hosts review', words: 'Shows them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    showChanges(session, await session.api().content('ReviewKnownHosts'))
  },
})

const decision = (verb: 'approve' | 'discard', summary: string, done: string) =>
  declareCommand({
    name: `known-hosts ${verb}`,
    summary,
    examples: [{ line: `known-hosts ${verb} 4be0…`, words: 'The id is what known-hosts review shows.' }],
    positionals: { id: text({ label: 'id', help: 'Of the import.' }) },
    flags: {},
    async run({ id }, { api, output }) {
      const name = verb === 'approve' ? 'ApproveKnownHosts' : 'DiscardKnownHosts'
      await api().invoke(`${name}${query({ Id: literal(id) })}`)
      output.result({ id, done }, `${done}  ${id}`)
    },
  })

export const knownHostsApprove = decision('approve', 'Replaces all host keys by those of an import.', 'approved')
export const knownHostsDiscard = decision('discard', 'Forgets an import.', 'discarded')
