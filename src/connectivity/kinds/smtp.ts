import { isIPv6, type Socket } from 'node:net'

import { choice, flag, text } from '../../fields/index.ts'
import {
  credentialName,
  host,
  mailAuthentication,
  port,
  protection,
  proxy,
  timeout,
  validate,
} from '../common-fields.ts'
import { connect } from '../connect.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { createLineClient, type LineClient } from '../line-client.ts'
import type { Run } from '../run.ts'
import { saslDialogue } from '../sasl-dialogue.ts'
import { openSasl, saslChoices } from '../sasl.ts'
import { secure } from '../secure.ts'

const address = /^[^\s<>@]{1,64}@[^\s<>@]{1,255}$/

const fields = {
  host,
  port: port('587, or 465 with SMTPS'),
  ...proxy,
  protection: protection('smtps', 'SMTPS'),
  authentication: choice({
    label: 'Authentication',
    help: 'Whether the test logs on, and whether the password travels as it is or as a proof of it.',
    options: { none: 'None', ...mailAuthentication },
    default: 'none',
  }),
  credentialName,
  validateServerCertificate: validate,
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
    const { protection, authentication, validateServerCertificate: validate } = values
    const credential = authentication === 'none' ? undefined : await run.credential(values.credentialName)
    const plain = await connect(run, target)
    const encrypt = (socket: Socket) => secure(run, socket, { host: target.host, validate })
    let talk = dialogue(run, protection === 'smtps' ? await encrypt(plain) : plain)
    const offers = await run.step('greeting', async (note) => {
      const greeting = await readReply(run, talk.lines)
      const words = run.quote(wordsOf(greeting))
      if (greeting.code !== 220) throw faults.serviceRefused({ server: run.server, words })
      note(words)
      return (await hello(run, talk)).some((line) => /^STARTTLS$/i.test(line))
    })
    if (protection === 'starttls_mandatory' && !offers) throw faults.starttlsNotOffered({ server: run.server })
    if (protection.startsWith('starttls') && offers) {
      await run.step('handshake', async () => {
        const reply = await talk.ask('STARTTLS')
        if (reply.code !== 220) throw faults.starttlsRefused({ server: run.server, words: run.quote(wordsOf(reply)) })
        talk.lines.release()
      })
      talk = dialogue(run, await encrypt(talk.socket))
      await run.step('greeting', () => hello(run, talk))
    }
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
