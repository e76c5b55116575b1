import { choice, integer, text } from '../../fields/index.ts'
import { type Entity, localTime, plain, textOf, timeOf } from '../api/entity.ts'
import { literal, query, timeLiteral } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { requireNew, writeNew } from '../files.ts'
import { moment } from '../moment.ts'
import { table } from '../table.ts'

const columns = ['Seq', 'User', 'Source', 'Via', 'Action', 'ObjectType', 'ObjectId', 'Times', 'Hash']

const jsonOf = (entity: Entity, name: string): unknown => JSON.parse(textOf(entity, name) || '{}') as unknown

/** `Description: 'a' -> 'b'`, with a dash for what was not there. */
function changesOf(entity: Entity): string {
  const changes = jsonOf(entity, 'ChangedAttributes') as Readonly<Record<string, { before?: string; after?: string }>>
  return Object.entries(changes)
    .map(([name, { before = '-', after = '-' }]) => `${name}: ${before} -> ${after}`)
    .join('; ')
}

const since = moment({ label: 'time', help: 'Only events since then: 30m, 1h, 2d, or ISO 8601.' })
const until = moment({ label: 'time', help: 'Only events before then: 30m, 1h, 2d, or ISO 8601.' })

export const auditList = declareCommand({
  name: 'audit list',
  summary: 'Lists who did what to which security object, newest first.',
  examples: [
    { line: 'audit list', words: 'The newest events.' },
    { line: 'audit list --user ann --since 2d', words: 'What ann did in the last two days.' },
  ],
  positionals: {},
  flags: {
    user: text({ label: 'name', help: 'Only what this user did.', default: '' }),
    action: text({ label: 'word', help: 'Only this action, such as Create, Change, Delete, Refuse.', default: '' }),
    type: text({ label: 'words', help: "Only this type of object, such as 'Service Key'.", default: '' }),
    object: text({ label: 'id', help: 'Only this object.', default: '' }),
    since,
    until,
    limit: integer({ label: 'n', help: 'How many at most.', min: 1, max: 100_000, default: 50 }),
  },
  letters: { n: 'limit' },
  async run(given, { api, output, clock }) {
    const [from, to] = [given.since?.(clock.now()), given.until?.(clock.now())]
    const conditions = [
      given.user && `User eq ${literal(given.user)}`,
      given.action && `Action eq ${literal(given.action)}`,
      given.type && `ObjectType eq ${literal(given.type)}`,
      given.object && `ObjectId eq ${literal(given.object)}`,
      from !== undefined && `Time ge ${timeLiteral(from)}`,
      to !== undefined && `Time lt ${timeLiteral(to)}`,
    ].filter(Boolean)
    const address = `AuditLogEntries${query({ $filter: conditions.join(' and '), $top: given.limit })}`
    const found = await api().list(address, given.limit)
    const records = found.map((entity) => ({
      ...plain(entity, columns, ['Time']),
      Attributes: jsonOf(entity, 'Attributes'),
      ChangedAttributes: jsonOf(entity, 'ChangedAttributes'),
    }))
    const rows = found.map((entity) => [
      localTime(timeOf(entity, 'Time')),
      textOf(entity, 'User'),
      textOf(entity, 'Source'),
      output.tone(textOf(entity, 'Action'), textOf(entity, 'Action') === 'Refuse' ? 'bad' : undefined),
      textOf(entity, 'ObjectType'),
      textOf(entity, 'ObjectId'),
      changesOf(entity),
    ])
    const words = table(['Time', 'User', 'From', 'Action', 'Object', 'Id', 'Changed'], rows)
    output.result(records, found.length === 0 ? 'No event matches.' : words)
  },
})

export const auditExport = declareCommand({
  name: 'audit export',
  summary: 'Writes the audit log, oldest first, with the hashes that chain its events.',
  examples: [
    { line: 'audit export --format csv --out audit.csv', words: 'All of it, for a spreadsheet.' },
    { line: 'audit export --since 1d', words: 'The last day as JSON, to standard output.' },
  ],
  positionals: {},
  flags: {
    format: choice({ label: 'format', help: 'json or csv.', options: { json: 'JSON', csv: 'CSV' }, default: 'json' }),
    since,
    until,
    out: text({ label: 'file', help: 'New file to write; standard output when absent.', default: '' }),
  },
  letters: { o: 'out' },
  async run({ format, out, ...given }, session) {
    const { api, output, clock } = session
    requireNew(session, out)
    const iso = (time: number | undefined) => time && literal(new Date(time).toISOString())
    const [Since, Until] = [iso(given.since?.(clock.now())), iso(given.until?.(clock.now()))]
    const address = `ExportAuditLog${query({ Format: literal(format), Since, Until })}`
    const content = await api().document(address)
    if (out === '') return output.bytes(content)
    writeNew(session, out, content, true)
    output.result({ file: out, bytes: content.length }, `${out}: ${content.length} bytes`)
  },
})

interface Verified {
  readonly ok: boolean
  readonly checked: number
  readonly problems: readonly { readonly seq: number; readonly kind: string; readonly what: string }[]
  readonly head: { readonly seq: number; readonly hash: string } | null
}

export const auditVerify = declareCommand({
  name: 'audit verify',
  summary:
    'Checks that no event of the audit log is missing, edited or moved. Exit code 0: it is whole; 1: it was tampered with.',
  examples: [
    { line: 'audit verify', words: 'Prints the head too: keep it elsewhere.' },
    {
      line: 'audit verify --head 4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      words: 'Also finds that the whole database was set back since that head was noted.',
    },
  ],
  positionals: {},
  flags: {
    head: text({
      label: 'seq:hash',
      help: 'Head that an earlier check printed.',
      default: '',
      pattern: /^\d{1,15}:[0-9a-f]{64}$/,
      form: 'a number, a colon and a hash of 64 digits',
    }),
  },
  async run({ head }, { api, output }) {
    const [Seq, Hash] = head === '' ? [] : head.split(':').map(literal)
    const answer = await api().document(`VerifyAuditLog${query({ Seq, Hash })}`)
    const verified = JSON.parse(answer.toString()) as Verified
    const rows = verified.problems.map(({ seq, kind, what }) => [String(seq), output.tone(kind, 'bad'), what])
    const verdict = verified.ok ? output.tone('whole', 'good') : output.tone('tampered with', 'bad')
    const words = [
      `${verdict}  ${verified.checked} events checked`,
      ...(rows.length > 0 ? [table(undefined, rows)] : []),
      ...(verified.head ? [`head ${verified.head.seq}:${verified.head.hash}`] : []),
    ]
    output.result(verified, words.join('\n'))
    return verified.ok ? 0 : 1
  },
})
