import type { Socket } from 'node:net'

import { choice, flag, text } from '../../fields/index.ts'
import { mailAuthentication, mailFields, timeout } from '../common-fields.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { decodeFolder, encodeFolder, imapQuoted, imapWords, type ImapWord } from '../imap-words.ts'
import { createLineClient, type LineClient } from '../line-client.ts'
import { openMailDialogue } from '../mail-dialogue.ts'
import type { Run } from '../run.ts'
import { saslDialogue } from '../sasl-dialogue.ts'
import { type Credential, openSasl, saslChoices } from '../sasl.ts'

const fields = {
  ...mailFields({
    usual: '143, or 993 with IMAPS',
    secure: 'imaps',
    label: 'IMAPS',
    authentication: choice({
      label: 'Authentication',
      help: 'Whether the password travels as it is or as a proof of it; without log-on only greeting and TLS are tested.',
      options: { none: 'None', ...mailAuthentication },
      default: 'none',
    }),
  }),
  listFolders: flag({ label: 'List Folders', help: 'Show the folders of the mailbox.', default: false }),
  checkMailboxContent: flag({
    label: 'Check Mailbox Content',
    help: 'Count the mails in a folder, all and unread.',
    default: false,
  }),
  folder: text({
    label: 'Folder',
    help: 'Folder whose mails are counted.',
    default: 'INBOX',
    maxLength: 500,
    pattern: /^[^\x00-\x1f\x7f]*$/,
    form: 'the name of a folder',
  }),
  timeout,
}

const mostFolders = 500

/** One answer of the server: a line with the literals in it. */
interface Answer {
  readonly line: string
  readonly literals: readonly string[]
}

interface Dialogue {
  readonly lines: LineClient
  readonly read: () => Promise<Answer>
  /** Sends a command; gives the untagged answers and the words of the tagged one, and whether it was OK. */
  readonly ask: (
    command: string,
  ) => Promise<{ readonly ok: boolean; readonly words: string; readonly untagged: readonly Answer[] }>
  readonly nextTag: () => string
}

function dialogue(run: Run, socket: Socket): Dialogue {
  const lines = createLineClient(run, socket)
  let count = 0
  const nextTag = (): string => `s${++count}`
  async function read(): Promise<Answer> {
    const literals: string[] = []
    let part = await lines.readLine()
    for (let line = part; ; line += part) {
      const size = /\{(\d{1,8})\+?\}$/.exec(part)?.[1]
      if (size === undefined) return { line, literals }
      literals.push((await lines.readBytes(Number(size))).toString())
      part = await lines.readLine()
    }
  }
  async function ask(command: string) {
    const tag = nextTag()
    lines.send(`${tag} ${command}\r\n`)
    const untagged: Answer[] = []
    for (;;) {
      const answer = await read()
      const [, status, words = ''] = answer.line.startsWith(`${tag} `)
        ? (/^\S+ (\S+) ?(.*)$/.exec(answer.line) ?? [])
        : []
      if (status !== undefined) return { ok: status.toUpperCase() === 'OK', words, untagged }
      if (!answer.line.startsWith('* '))
        throw faults.protocolUnexpected({ server: run.server, protocol: 'IMAP', words: run.quote(answer.line) })
      untagged.push(answer)
    }
  }
  return { lines, read, ask, nextTag }
}

async function capabilities(run: Run, { ask }: Dialogue): Promise<readonly string[]> {
  const { untagged } = await ask('CAPABILITY')
  const found = untagged.flatMap(
    ({ line }) => /^\* CAPABILITY (.*)$/i.exec(line)?.[1]?.toUpperCase().split(/\s+/) ?? [],
  )
  run.facts['capabilities'] = found.map(run.quote)
  run.facts['authenticationMethods'] = found.flatMap((name) => /^AUTH=(.+)$/.exec(name)?.[1] ?? []).map(run.quote)
  return found
}

export const imap = declareTest({
  kind: 'imap',
  label: 'IMAP',
  help: 'Greets a mailbox server, changes to TLS, logs on, lists folders or counts mails. Nothing is marked as read.',
  fields,
  target: ({ host, port, protection }) => ({ host, port: port ?? (protection === 'imaps' ? 993 : 143) }),
  timeout: ({ timeout }) => timeout,
  async test(run, values, target) {
    const { protection, authentication } = values
    const logsOn = authentication !== 'none' || values.listFolders || values.checkMailboxContent
    const credential = logsOn ? await run.credential(values.credentialName) : undefined
    const wishes = { protection, validate: values.validateServerCertificate }
    const { talk, offered } = await openMailDialogue(run, target, wishes, {
      fromStart: protection === 'imaps',
      upgrade: 'STARTTLS',
      open: (socket) => dialogue(run, socket),
      async greeting({ read }, note) {
        const { line } = await read()
        note(run.quote(line))
        if (/^\* BYE/i.test(line)) throw faults.serviceRefused({ server: run.server, words: run.quote(line) })
        if (!/^\* (?:OK|PREAUTH)/i.test(line))
          throw faults.protocolUnexpected({ server: run.server, protocol: 'IMAP', words: run.quote(line) })
        return line
      },
      capabilities: (talk) => capabilities(run, talk),
      ask: ({ ask }, command) => ask(command),
    })
    if (credential !== undefined) {
      const by = authentication === 'none' ? 'plain' : authentication
      await run.step('authenticate', async (note) => note(await logOn(run, talk, by, offered, credential)))
    }
    if (values.listFolders) await run.step('check directory', async (note) => note(await listFolders(run, talk)))
    if (values.checkMailboxContent)
      await run.step('check mailbox', async (note) => note(await countMails(run, talk, values.folder)))
    await talk.lines.sayGoodbye(`${talk.nextTag()} LOGOUT`)
  },
})

async function logOn(
  run: Run,
  talk: Dialogue,
  by: 'plain' | 'encrypted',
  offered: readonly string[],
  credential: Credential,
): Promise<string> {
  const methods = offered.flatMap((name) => /^AUTH=(.+)$/.exec(name)?.[1] ?? [])
  const client = openSasl(saslChoices[by], methods, credential)
  if (client === undefined && (by === 'encrypted' || offered.includes('LOGINDISABLED')))
    throw faults.authenticationMethodMissing({
      server: run.server,
      wanted: saslChoices[by].join(' or '),
      offered: methods,
    })
  if (client === undefined) {
    const { ok, words } = await talk.ask(`LOGIN ${imapQuoted(credential.user)} ${imapQuoted(credential.password)}`)
    if (!ok) throw faults.authenticationRefused({ server: run.server, words: run.quote(words) })
    return 'logged on with LOGIN'
  }
  const tag = talk.nextTag()
  const hear = async () => {
    for (;;) {
      const { line } = await talk.read()
      if (line.startsWith('+')) return { challenge: line.slice(1).trim() }
      if (line.startsWith(`${tag} OK`)) return { done: true } as const
      if (line.startsWith(`${tag} `)) return { refused: line.slice(tag.length + 1) }
    }
  }
  await saslDialogue(run, client, {
    initialWithName: false,
    begin: async (name) => {
      talk.lines.send(`${tag} AUTHENTICATE ${name}\r\n`)
      return await hear()
    },
    reply: async (answer) => {
      talk.lines.send(`${answer}\r\n`)
      return await hear()
    },
  })
  return `logged on with ${client.mechanism}`
}

async function listFolders(run: Run, { ask }: Dialogue): Promise<string> {
  const { ok, words, untagged } = await ask('LIST "" "*"')
  if (!ok) throw faults.requestRefused({ server: run.server, what: 'to list folders', words: run.quote(words) })
  const names = untagged.flatMap(({ line, literals }) => {
    const [, kind, , , name] = imapWords(line, literals)
    return typeof kind === 'string' && kind.toUpperCase() === 'LIST' && typeof name === 'string'
      ? [decodeFolder(name)]
      : []
  })
  run.facts['folders'] = names.slice(0, mostFolders).map(run.quote)
  return `${names.length} folders`
}

async function countMails(run: Run, { ask }: Dialogue, folder: string): Promise<string> {
  const { ok, words, untagged } = await ask(`STATUS ${imapQuoted(encodeFolder(folder))} (MESSAGES UNSEEN)`)
  if (!ok) throw faults.folderMissing({ server: run.server, folder, words: run.quote(words) })
  const counts = untagged
    .map(({ line, literals }) => imapWords(line, literals))
    .find(([, kind]) => typeof kind === 'string' && kind.toUpperCase() === 'STATUS')
    ?.at(-1)
  const messages = countOf(counts, 'MESSAGES')
  const unread = countOf(counts, 'UNSEEN')
  run.facts['messages'] = messages
  run.facts['unread'] = unread
  return `${messages} mails, ${unread} unread`
}

function countOf(counts: ImapWord, name: string): number {
  if (typeof counts === 'string' || counts === undefined) return 0
  return Number(counts[counts.findIndex((word) => word === name) + 1] ?? 0)
}
