/** Flows whose outcome is a mail. Where a flow names its mail server itself, the model is pointed to the local one. */
import assert from 'node:assert/strict'

import { until } from '../../../test/kit/caller.ts'
import { artifactBundle } from '../../../test/kit/bundle.ts'
import { type ReceivedMail, smtpSink } from '../../../test/kit/smtp-sink.ts'
import type { AcceptanceCase, PublishedFlow } from '../acceptance-case.ts'
import { sameText, sameXml } from '../compare.ts'

const published = (number: string, id: string, archive: string): PublishedFlow => ({
  number,
  id,
  archive: `Recipes/for/${archive}`,
})
const document = published(
  '0221',
  'Document_Message_-_Sending_an_Email',
  'EIP-MessageConstruction-DocumentMessage/Document Message - Sending an Email.zip',
)
const parameters = published(
  '0208',
  'Externalizing_Additional_Parameter',
  'Externalizing additional parameters/ExternalizingAdditionalParameter.zip',
)
const alerting = published(
  '0248',
  'Email_Alerting_for_Ticketmaster_Integration_with_SAP_S4HANA_Cloud',
  'ticketmasterjournalentryintegrationwithsaps4hanacloud/TicketmasterJournalEntryIntegrationwithSAPS_4HANACloud.zip',
)
const filter = published('0275', 'Filter_Exemplar', 'Filter/ContentFilter.zip')
const split = published(
  '0137',
  'Knowing_when_the_split_records_are_finished_processing',
  'How to determine when all split messages are processed/KnowingWhenTheSplitRecordsAreFinishedProcessing.zip',
)
const valueMaps = published(
  '0274',
  'accessValueMapsInScripts',
  'Accessing valueMaps from a script/accessValueMapsInScripts.zip',
)

/** Sends the mails of a model to the local server, without encryption and log-on. */
const mailTo =
  (server: string) =>
  (model: string): string =>
    Object.entries({ server, ssl: 'off', auth: 'none' }).reduce(
      (text, [key, value]) =>
        text.replace(
          new RegExp(`(<key>${key}</key>\\s*)(?:<value>[^<]*</value>|<value/>)`, 'g'),
          `$1<value>${value}</value>`,
        ),
      model,
    )

interface Mail {
  readonly subject: string
  readonly text: string
}

function read({ data }: ReceivedMail): Mail {
  const gap = data.indexOf('\r\n\r\n')
  const head = data.slice(0, gap).replace(/\r\n[ \t]+/g, ' ')
  const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim() ?? ''
  // A line that begins with a dot has two on the wire.
  const body = data.slice(gap + 4).replace(/^\.\./gm, '.')
  const text = decodedBody(body, header('Content-Transfer-Encoding')).replaceAll('\r\n', '\n')
  return { subject: decodedWords(header('Subject')), text }
}

function decodedBody(body: string, encoding: string): string {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString()
  if (!/quoted-printable/i.test(encoding)) return body
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}

const decodedWords = (text: string): string =>
  text.replace(/=\?utf-8\?([BQ])\?(.*?)\?=(?:\s+(?==\?))?/gi, (_, kind: string, word: string) =>
    kind.toUpperCase() === 'B'
      ? Buffer.from(word, 'base64').toString()
      : decodedBody(word.replaceAll('_', ' '), 'quoted-printable'),
  )

async function withMails(
  count: number,
  act: (server: string) => Promise<void>,
  check: (mails: readonly Mail[], received: readonly ReceivedMail[]) => void | Promise<void>,
): Promise<void> {
  await using sink = await smtpSink()
  await act(`127.0.0.1:${sink.port}`)
  await until(`${count} mails`, () => sink.mails.length >= count)
  assert.equal(sink.mails.length, count)
  await check(sink.mails.map(read), sink.mails)
}

const addresses = { from: 'from@example.org', to: 'to@example.org' }

export const mailCases: readonly AcceptanceCase[] = [
  {
    name: '0221',
    proves: 'timer that fires once, mail with a body of its own (mail server adapted)',
    model: document,
    run: (bench) =>
      withMails(
        1,
        (server) => bench.deploy(document, { adapt: mailTo(server) }),
        async ([mail], [received]) => {
          assert.deepEqual([mail?.subject, received?.to], ['EIPinCPI', ['username@domain']])
          sameText(mail?.text ?? '', await bench.fixture('0221', 'mail.expected'), 'the mail')
        },
      ),
  },
  {
    name: '0208',
    proves: 'externalised parameters',
    model: parameters,
    run: (bench) =>
      withMails(
        1,
        (server) =>
          bench.deploy(parameters, {
            parameters: {
              Parameter_1: 'A',
              Parameter_2: 'B',
              'Mail server address': server,
              'From email address': addresses.from,
              'To email address': addresses.to,
            },
          }),
        async ([mail]) =>
          sameText(mail?.text ?? '', await bench.fixture('0208', 'mail_with_params_P1_A_P2_B.expected'), 'the mail'),
      ),
  },
  {
    name: '0248',
    proves: 'all headers allowed, header expressions, mail at the end of a called flow (mail server adapted)',
    model: alerting,
    run: (bench) =>
      withMails(
        1,
        async (server) => {
          await bench.deploy(alerting, { adapt: mailTo(server) })
          const body = await bench.fixture('0248', 'mail.input')
          const answer = await bench.call('/http/email', { body, headers: { subject: 'S', to: 'a@b' } })
          assert.equal(answer.status, 200)
          sameText(answer.text, body, 'the answer')
        },
        async ([mail], [received]) => {
          assert.deepEqual([mail?.subject, received?.to], ['S', ['a@b']])
          sameText(mail?.text ?? '', await bench.fixture('0248', 'mail.input'), 'the mail')
        },
      ),
  },
  {
    name: '0275',
    proves: 'parallel multicast without join, result types of a filter',
    model: filter,
    run: (bench) =>
      withMails(
        5,
        (server) =>
          bench.deploy(filter, {
            parameters: {
              'Mail Server Address': server,
              'From Mail Address': addresses.from,
              'To Mail Address': addresses.to,
            },
          }),
        async (mails) => {
          const expected = {
            'Filter - /Students/Student/Id - String': '1_Id_String',
            'Filter - /Students/Student[Id=1] - Node': '2_StudentId1_Node',
            'Filter - /Students/Student/Id - Nodelist': '3_Id_Nodelist',
            'Filter - /Students/Student/Class - Node': '4_Class_Node',
            'Filter - /Students/Student - Nodelist': '5_Student_Nodelist',
          }
          for (const [subject, file] of Object.entries(expected)) {
            const mail = mails.find((one) => one.subject === subject)
            sameXml(mail?.text ?? '', await bench.fixture('0275', `${file}.expected`), subject)
          }
        },
      ),
  },
  {
    name: '0137',
    proves: 'splitter, send and gather (mail server adapted)',
    model: split,
    run: (bench) =>
      withMails(
        3,
        (server) => bench.deploy(split, { adapt: mailTo(server) }),
        async (mails) => {
          const texts = mails.map(({ text }) => text)
          for (const [index, file] of ['split_00', 'split_01', 'gather'].entries())
            sameXml(texts[index] ?? '', await bench.fixture('0137', `${file}.expected`), file)
        },
      ),
  },
  {
    name: '0274',
    proves: 'value mapping asked by a script',
    model: undefined,
    run: (bench) =>
      withMails(
        1,
        async (server) => {
          const content = await bench.fixture('0274', 'value_mapping.xml')
          await bench.deployZip(
            'Fruits',
            await artifactBundle('ValueMapping', 'Fruits', { 'value_mapping.xml': content }),
          )
          await bench.deploy(valueMaps, {
            parameters: {
              Receiver1_server_19: server,
              Receiver1_from_21: addresses.from,
              Receiver1_to_22: addresses.to,
            },
          })
        },
        async ([mail]) => sameXml(mail?.text ?? '', await bench.fixture('0274', 'mail.expected'), 'the mail'),
      ),
  },
]
