import { flag, integer, text } from '../../fields/index.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { follow } from '../follow.ts'
import { detailRecord, detailWords, readMessage } from '../message-detail.ts'
import { type LogFilter, type LogLine, logAddress, logLine, logRecord, logTable } from '../message-log.ts'
import { moment } from '../moment.ts'
import type { Session } from '../session.ts'

const statuses = ['PROCESSING', 'COMPLETED', 'FAILED', 'RETRY', 'ESCALATED', 'CANCELLED', 'ABANDONED', 'DISCARDED']

export const logs = declareCommand({
  name: 'logs',
  summary: 'Shows the message processing log, newest first, or one message in full.',
  examples: [
    {
      line: 'logs --flow Orders --status FAILED --since 1h',
      words: 'What failed in the flow Orders in the last hour.',
    },
    { line: 'logs --follow', words: 'Shows messages as they come and end, until Ctrl-C.' },
    { line: 'logs AGaB3dE --attachment invoice.xml > invoice.xml', words: 'Saves an attachment of a message.' },
  ],
  positionals: {
    message: text({
      label: 'message id',
      help: 'Shows this message with its steps, error, custom headers and attachments.',
      default: '',
    }),
  },
  flags: {
    flow: text({ label: 'flow', help: 'Only messages of this flow.', default: '' }),
    status: text({
      label: 'status',
      help: `Only messages in this status: ${statuses.join(', ')}.`,
      default: '',
      pattern: new RegExp(`^(?:${statuses.join('|')})$`, 'i'),
      form: `one of ${statuses.join(', ')}`,
    }),
    since: moment({ label: 'time', help: 'Only messages that started since then: 30m, 1h, 2d, or ISO 8601.' }),
    correlation: text({ label: 'id', help: 'Only messages with this correlation id.', default: '' }),
    limit: integer({ label: 'n', help: 'How many messages at most.', min: 1, max: 10_000, default: 20 }),
    follow: flag({ label: 'Follow', help: 'Go on with what comes, until Ctrl-C.', default: false }),
    trace: flag({
      label: 'Trace',
      help: 'With a message id: also what each step saw, where the log level was TRACE.',
      default: false,
    }),
    attachment: text({
      label: 'name',
      help: 'With a message id: print only the content of this attachment.',
      default: '',
    }),
  },
  letters: { f: 'follow', n: 'limit' },
  async run({ message, trace, attachment, limit, since, follow: goesOn, ...wanted }, session) {
    const { output } = session
    const needsMessage = [trace && '--trace', attachment && '--attachment'].filter(Boolean)
    if (message === '' && needsMessage.length > 0) {
      throw faults.usage({
        problems: [`${needsMessage.join(' and ')} can be used with a message id only`],
        command: 'logs',
      })
    }
    if (attachment !== '') return printAttachment(session, message, attachment)
    if (message !== '') {
      const detail = await readMessage(session, message, trace)
      return output.result(detailRecord(detail), detailWords(detail, output))
    }
    const filter = { ...wanted, since: since?.(session.clock.now()) }
    if (goesOn) return followLogs(session, filter, limit)
    const lines = await readLines(session, filter, limit)
    output.result(lines.map(logRecord), lines.length === 0 ? 'No message matches.' : logTable(lines, output))
  },
})

const readLines = async ({ api }: Session, filter: LogFilter, limit: number): Promise<readonly LogLine[]> =>
  (await api().list(logAddress(filter, limit), limit)).map(logLine)

function followLogs(session: Session, filter: LogFilter, limit: number): Promise<void> {
  const { output } = session
  return follow(session, {
    read: (since) =>
      readLines(
        session,
        since === undefined ? filter : { ...filter, changedSince: since },
        since === undefined ? limit : 1_000,
      ),
    timeOf: ({ start, end }) => end ?? start,
    keyOf: ({ id, status }) => `${id} ${status}`,
    show(lines) {
      if (output.json) for (const line of lines) output.item(logRecord(line), '')
      else output.item(undefined, logTable(lines, output, false))
    },
  })
}

async function printAttachment({ api, output }: Session, message: string, name: string): Promise<void> {
  const found = await api().list(`${entity`MessageProcessingLogs(${message})`}/Attachments`)
  const wanted = found.find((each) => each.Name === name)
  const known = found.map((each) => String(each.Name))
  if (wanted === undefined) throw faults.attachmentMissing({ name, known })
  const content = await api().content(`${entity`MessageProcessingLogAttachments(${String(wanted.Id)})`}/$value`)
  const bytes = content ?? Buffer.alloc(0)
  if (output.json) output.result({ name, contentType: wanted.ContentType, content: bytes.toString('base64') }, '')
  else output.bytes(bytes)
}
