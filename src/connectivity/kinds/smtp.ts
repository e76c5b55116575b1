import { isIPv6, type Socket } from 'node:net'

import { choice, flag, text } from '../../fields/index.ts'
import { mailAuthentication, mailFields, timeout } from '../common-fields.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { createLineClient, type LineClient } from '../line-client.ts'
import { openMailDialogue } from '../mail-dialogue.ts'
import type { Run } from '../run.ts'
import { saslDialogue } from '../sasl-dialogue.ts'
import { openSasl, saslChoices } from '../sasl.ts'

const address = /^[^\s<>@]{1,64}@[^\s<>@]{1,255}$/

const fields = {
  ...mailFields({
    usual: '587, or 465 with SMTPS',
    secure: 'smtps',
    label: 'SMTPS',
    authentication: choice({
      label: 'Authentication',
      help: 'Whether the test logs on, and whether the password travels as it is or as a proof of it.',
      options: { none: 'None', ...mailAuthentication },
      default: 'none',
    }),
  }),
  checkMailAddresses: flag({
    label: 'Check Mail Addresses',
    help: 'Ask the server whether it takes mail from and to the addresses. No mail is sent.',
    default: false,
  }),
  from: text({ label: 'From', help: 'Address of the sender.', default: '', pattern: address, form: 'a mail address' }),
  to: text({
    label: 'To',
    help: 'Address of a recipient; may be empty.',
    default: '',
    pattern: address,
    form: 'a mail address',
  }),
  timeout,
}

interface Reply {
  readonly code: number
  /** Without codes. */
  readonly lines: readonly string[]
}

const wordsOf = ({ code, lines }: Reply): string => `${code} ${lines.join(' ')}`

async function readReply(run: Run, lines: LineClient): Promise<Reply> {
  const found: string[] = []
  for (;;) {
    const line = await lines.readLine()
    const [, code, more, words = ''] = /^(\d{3})(?:([ -])(.*))?$/.exec(line) ?? []
    if (code === undefined || found.length > 100)
      throw faults.protocolUnexpected({ server: run.server, protocol: 'SMTP', words: run.quote(line) })
    found.push(words)
    if (more !== '-') return { code: Number(code), lines: found }
  }
}

interface Dialogue {
  readonly lines: LineClient
  readonly ask: (command: string) => Promise<Reply>
  readonly socket: Socket
}

function dialogue(run: Run, socket: Socket): Dialogue {
  const lines = createLineClient(run, socket)
  const ask = async (command: string): Promise<Reply> => {
    lines.send(`${command}\r\n`)
    return await readReply(run, lines)
  }
  return { lines, ask, socket }
}

/** Greets the server (RFC 5321, 4.1.1.1) and gives what it can do. */
async function hello(run: Run, { ask, socket }: Dialogue): Promise<readonly string[]> {
  const own = socket.localAddress ?? '127.0.0.1'
  const reply = await ask(`EHLO [${isIPv6(own) ? `IPv6:${own}` : own}]`)
  if (reply.code !== 250) throw faults.serviceRefused({ server: run.server, words: run.quote(wordsOf(reply)) })
  const capabilities = reply.lines.slice(1).map(run.quote)
  run.facts['capabilities'] = capabilities
  run.facts['authenticationMethods'] = mechanismsOf(capabilities)
  return capabilities
}

const mechanismsOf = (capabilities: readonly string[]): readonly string[] => [
  ...new Set(
    capabilities.flatMap((line) => /^AUTH[ =](.*)$/i.exec(line)?.[1]?.trim().toUpperCase().split(/\s+/) ?? []),
  ),
]

export const smtp = declareTest({
  kind: 'smtp',
  label: 'SMTP',
  help: 'Greets a mail server, changes to TLS, logs on and checks addresses. No mail is sent.',
  fields,
  target: ({ host, port, protection }) => ({ host, port: port ?? (protection === 'smtps' ? 465 : 587) }),
  timeout: ({ timeout }) => timeout,
  async test(run, values, target) {
    const { protection, authentication } = values
    const credential = authentication === 'none' ? undefined : await run.credential(values.credentialName)
    const wishes = { protection, validate: values.validateServerCertificate }
    const { talk } = await openMailDialogue(run, target, wishes, {
      fromStart: protection === 'smtps',
      upgrade: 'STARTTLS',
      open: (socket) => dialogue(run, socket),
      async greeting({ lines }, note) {
        const reply = await readReply(run, lines)
        const words = run.quote(wordsOf(reply))
        if (reply.code !== 220) throw faults.serviceRefused({ server: run.server, words })
        note(words)
        return words
      },
      capabilities: (talk) => hello(run, talk),
      async ask({ ask }, command) {
        const reply = await ask(command)
        return { ok: reply.code === 220, words: wordsOf(reply) }
      },
    })
    if (authentication !== 'none' && credential !== undefined)
      await run.step('authenticate', async (note) => note(await logOn(run, talk, authentication, credential)))
    if (values.checkMailAddresses)
      await run.step('check addresses', (note) => checkAddresses(run, talk, values.from, values.to, note))
    await talk.lines.sayGoodbye('QUIT')
  },
})

async function logOn(
  run: Run,
  { ask }: Dialogue,
  by: 'plain' | 'encrypted',
  credential: { readonly user: string; readonly password: string },
): Promise<string> {
  const offered = run.facts['authenticationMethods'] as readonly string[]
  const client = openSasl(saslChoices[by], offered, credential)
  if (client === undefined)
    throw faults.authenticationMethodMissing({ server: run.server, wanted: saslChoices[by].join(' or '), offered })
  const heard = (reply: Reply) =>
    reply.code === 235
      ? ({ done: true } as const)
      : reply.code === 334
        ? { challenge: reply.lines[0] ?? '' }
        : { refused: wordsOf(reply) }
  await saslDialogue(run, client, {
    initialWithName: true,
    begin: async (name, initial) =>
      heard(await ask(`AUTH ${name}${initial === undefined ? '' : ` ${initial || '='}`}`)),
    reply: async (answer) => heard(await ask(answer)),
  })
  return `logged on with ${client.mechanism}`
}

async function checkAddresses(
  run: Run,
  { ask }: Dialogue,
  from: string,
  to: string,
  note: (detail: string) => void,
): Promise<void> {
  const sender = await ask(`MAIL FROM:<${from}>`)
  if (sender.code !== 250)
    throw faults.senderRefused({ server: run.server, address: from, words: run.quote(wordsOf(sender)) })
  if (to !== '') {
    const recipient = await ask(`RCPT TO:<${to}>`)
    if (recipient.code !== 250 && recipient.code !== 251)
      throw faults.recipientRefused({ server: run.server, address: to, words: run.quote(wordsOf(recipient)) })
  }
  await ask('RSET')
  note(to === '' ? `accepted from ${from}` : `accepted from ${from} to ${to}`)
}
