import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'

import { choice, flag } from '../../fields/index.ts'
import { mailAuthentication, mailFields, timeout } from '../common-fields.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { createLineClient, type LineClient } from '../line-client.ts'
import { openMailDialogue } from '../mail-dialogue.ts'
import type { Run } from '../run.ts'
import { saslDialogue } from '../sasl-dialogue.ts'
import { type Credential, openSasl, saslChoices } from '../sasl.ts'

const fields = {
  ...mailFields({
    usual: '110, or 995 with POP3S',
    secure: 'pop3s',
    label: 'POP3S',
    authentication: choice({
      label: 'Authentication',
      help: 'Whether the password travels as it is or as a proof of it.',
      options: mailAuthentication,
      default: 'plain',
    }),
  }),
  checkMailboxContent: flag({ label: 'Check Mailbox Content', help: 'Count the mails.', default: false }),
  timeout,
}

interface Dialogue {
  readonly lines: LineClient
  readonly hear: () => Promise<{ readonly ok: boolean; readonly words: string }>
  readonly ask: (command: string) => Promise<{ readonly ok: boolean; readonly words: string }>
}

function dialogue(run: Run, socket: Socket): Dialogue {
  const lines = createLineClient(run, socket)
  const hear = async () => {
    const line = await lines.readLine()
    const [, status, words = ''] = /^(\+OK|-ERR)(?: (.*))?$/i.exec(line) ?? []
    if (status === undefined)
      throw faults.protocolUnexpected({ server: run.server, protocol: 'POP3', words: run.quote(line) })
    return { ok: status.toUpperCase() === '+OK', words }
  }
  const ask = (command: string) => {
    lines.send(`${command}\r\n`)
    return hear()
  }
  return { lines, hear, ask }
}

/** RFC 2449; a server without the command has no capabilities. */
async function capabilities(run: Run, { ask, lines }: Dialogue): Promise<readonly string[]> {
  const found: string[] = []
  if ((await ask('CAPA')).ok) {
    for (let line = await lines.readLine(); line !== '.' && found.length < 200; line = await lines.readLine())
      found.push(line)
  }
  run.facts['capabilities'] = found.map(run.quote)
  run.facts['authenticationMethods'] = methodsOf(found)
  return found
}

const methodsOf = (found: readonly string[]): readonly string[] =>
  found.flatMap((line) => /^SASL (.*)$/i.exec(line)?.[1]?.toUpperCase().split(/\s+/) ?? [])

export const pop3 = declareTest({
  kind: 'pop3',
  label: 'POP3',
  help: 'Greets a mailbox server, changes to TLS, logs on and counts mails. Nothing is fetched or deleted.',
  fields,
  target: ({ host, port, protection }) => ({ host, port: port ?? (protection === 'pop3s' ? 995 : 110) }),
  timeout: ({ timeout }) => timeout,
  async test(run, values, target) {
    const { protection, authentication } = values
    const credential = await run.credential(values.credentialName)
    const wishes = { protection, validate: values.validateServerCertificate }
    const { talk, greeting } = await openMailDialogue(run, target, wishes, {
      fromStart: protection === 'pop3s',
      upgrade: 'STLS',
      open: (socket) => dialogue(run, socket),
      async greeting({ hear }, note) {
        const { ok, words } = await hear()
        note(run.quote(words))
        if (!ok) throw faults.serviceRefused({ server: run.server, words: run.quote(words) })
        return words
      },
      capabilities: (talk) => capabilities(run, talk),
      ask: ({ ask }, command) => ask(command),
    })
    await run.step('authenticate', async (note) => note(await logOn(run, talk, authentication, greeting, credential)))
    if (values.checkMailboxContent) {
      await run.step('check mailbox', async (note) => {
        const { ok, words } = await talk.ask('STAT')
        if (!ok) throw faults.requestRefused({ server: run.server, what: 'to count mails', words: run.quote(words) })
        run.facts['messages'] = Number.parseInt(words, 10) || 0
        note(`${run.facts['messages']} mails`)
      })
    }
    await talk.lines.sayGoodbye('QUIT')
  },
})

async function logOn(
  run: Run,
  { ask, lines, hear }: Dialogue,
  by: 'plain' | 'encrypted',
  greeting: string,
  credential: Credential,
): Promise<string> {
  const safe = (text: string): string => text.replaceAll(/[\r\n\0]/g, '')
  const offered = run.facts['authenticationMethods'] as readonly string[]
  if (by === 'plain') {
    const first = await ask(`USER ${safe(credential.user)}`)
    const last = first.ok ? await ask(`PASS ${safe(credential.password)}`) : first
    if (!last.ok) throw faults.authenticationRefused({ server: run.server, words: run.quote(last.words) })
    return 'logged on with USER and PASS'
  }
  const client = openSasl(saslChoices.encrypted, offered, credential)
  const stamp = /<[^<>\s]+@[^<>\s]+>/.exec(greeting)?.[0]
  if (client !== undefined) {
    const next = async () => {
      const line = await lines.readLine()
      if (/^\+OK/i.test(line)) return { done: true } as const
      return line.startsWith('+ ') || line === '+'
        ? { challenge: line.slice(1).trim() }
        : { refused: line.replace(/^-ERR ?/i, '') }
    }
    await saslDialogue(run, client, {
      initialWithName: false,
      begin: (name) => (lines.send(`AUTH ${name}\r\n`), next()),
      reply: (answer) => (lines.send(`${answer}\r\n`), next()),
    })
    return `logged on with ${client.mechanism}`
  }
  if (stamp === undefined)
    throw faults.authenticationMethodMissing({
      server: run.server,
      wanted: `${saslChoices.encrypted.join(', ')} or APOP`,
      offered,
    })
  lines.send(
    `APOP ${safe(credential.user)} ${createHash('md5')
      .update(stamp + credential.password)
      .digest('hex')}\r\n`,
  )
  const { ok, words } = await hear()
  if (!ok) throw faults.authenticationRefused({ server: run.server, words: run.quote(words) })
  return 'logged on with APOP'
}
