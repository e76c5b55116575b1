import { flag, integer, text } from '../../fields/index.ts'
import { type Entity, localTime, plain, textOf, timeOf } from '../api/entity.ts'
import { literal, query, timeLiteral } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { follow } from '../follow.ts'
import { moment } from '../moment.ts'
import type { Output } from '../output.ts'
import type { Session } from '../session.ts'
import { facts, table } from '../table.ts'

const columns = [
  'Reference',
  'RemoteAddress',
  'Method',
  'Endpoint',
  'Stage',
  'Code',
  'Reason',
  'Remedy',
  'Status',
  'CertificateSubject',
  'CertificateIssuer',
  'CertificateFingerprint',
  'CertificateValidTo',
]

export const refusals = declareCommand({
  name: 'refusals',
  summary: 'Shows why calls were refused, from the TLS handshake to the role check, and what to do about it.',
  examples: [
    { line: 'refusals', words: 'Lists the newest.' },
    { line: 'refusals --reference 7KQ2MZ4XJP', words: 'Explains the refusal whose reference a caller was given.' },
  ],
  positionals: {},
  flags: {
    reference: text({ label: 'reference', help: 'Only the refusal with this reference, in full.', default: '' }),
    since: moment({ label: 'time', help: 'Only refusals since then: 30m, 1h, 2d, or ISO 8601.' }),
    limit: integer({ label: 'n', help: 'How many at most.', min: 1, max: 10_000, default: 20 }),
    follow: flag({ label: 'Follow', help: 'Go on with what comes, until Ctrl-C.', default: false }),
  },
  letters: { f: 'follow', n: 'limit' },
  async run({ reference, since, limit, follow: goesOn }, session) {
    const { output } = session
    const from = since?.(session.clock.now())
    const read = (time: number | undefined, top: number): Promise<readonly Entity[]> =>
      readRefusals(session, reference, time, top)
    if (goesOn) {
      return follow(session, {
        read: (time) => read(time ?? from, time === undefined ? limit : 1_000),
        timeOf: (each) => timeOf(each, 'Time'),
        keyOf: (each) => textOf(each, 'Reference'),
        show(found) {
          if (output.json) for (const each of found) output.item(record(each), '')
          else output.item(undefined, rows(found, output, false))
        },
      })
    }
    const found = await read(from, limit)
    const words = reference === '' ? rows(found, output, true) : found.map(inFull).join('\n\n')
    output.result(found.map(record), found.length === 0 ? 'No refusal matches.' : words)
  },
})

function readRefusals(
  { api }: Session,
  reference: string,
  since: number | undefined,
  limit: number,
): Promise<readonly Entity[]> {
  const conditions = [
    reference && `Reference eq ${literal(reference.toUpperCase())}`,
    since !== undefined && `Time ge ${timeLiteral(since)}`,
  ].filter(Boolean)
  return api().list(
    `InboundRefusals${query({ $filter: conditions.join(' and '), $orderby: 'Time desc', $top: limit })}`,
    limit,
  )
}

const record = (each: Entity) => plain(each, columns, ['Time'])

function rows(found: readonly Entity[], output: Output, header: boolean): string {
  const cells = found.map((each) => [
    localTime(timeOf(each, 'Time')),
    textOf(each, 'Reference').padEnd(10),
    textOf(each, 'Status').padEnd(6),
    textOf(each, 'Stage').padEnd(8),
    textOf(each, 'RemoteAddress').padEnd(15),
    [textOf(each, 'Method'), textOf(each, 'Endpoint')].filter(Boolean).join(' ').padEnd(20),
    output.tone(textOf(each, 'Reason'), 'bad'),
  ])
  return table(header ? ['Time', 'Reference', 'Status', 'Stage', 'From', 'Call', 'Reason'] : undefined, cells)
}

const inFull = (each: Entity): string =>
  facts([['Time', localTime(timeOf(each, 'Time'))], ...columns.map((name) => [name, textOf(each, name)] as const)])
