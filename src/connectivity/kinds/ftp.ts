import type { Socket } from 'node:net'
import { connect as startTls, TLSSocket } from 'node:tls'

import { choice, flag, text } from '../../fields/index.ts'
import { credentialName, host, port, proxy, timeout, validate } from '../common-fields.ts'
import { connect } from '../connect.ts'
import { declareTest } from '../declare-test.ts'
import { faults } from '../faults.ts'
import { createLineClient, type LineClient } from '../line-client.ts'
import type { Run } from '../run.ts'
import { secure } from '../secure.ts'

const fields = {
  host,
  port: port('21, or 990 with implicit FTPS'),
  ...proxy,
  encryption: choice({
    label: 'Encryption',
    help: 'Whether the connection changes to TLS, is encrypted from the start, or not at all.',
    options: { explicit: 'Explicit FTPS', implicit: 'Implicit FTPS', plain: 'Plain FTP' },
    default: 'explicit',
  }),
  authentication: choice({
    label: 'Authentication',
    help: 'Whether the test logs on.',
    options: { none: 'None', userCredentials: 'User Credentials' },
    default: 'userCredentials',
  }),
  credentialName,
  validateServerCertificate: validate,
  checkDirectoryAccess: flag({ label: 'Check Directory Access', help: 'List the directory.', default: false }),
  directory: text({
    label: 'Directory',
    help: 'Directory to list; empty for the home directory of the user.',
    default: '',
    maxLength: 1000,
    pattern: /^[^\x00-\x1f\x7f]*$/,
    form: 'a path',
  }),
  timeout,
}

const mostNames = 200

interface Reply {
  readonly code: number
  readonly words: string
}

async function readReply(run: Run, lines: LineClient): Promise<Reply> {
  const first = await lines.readLine()
  const [, code, more, words = ''] = /^(\d{3})([ -])(.*)$/.exec(first) ?? []
  if (code === undefined)
    throw faults.protocolUnexpected({ server: run.server, protocol: 'FTP', words: run.quote(first) })
  if (more === ' ') return { code: Number(code), words: `${code} ${words}` }
  const all = [words]
  for (let line = ''; !line.startsWith(`${code} `); ) {
    line = await lines.readLine()
    if (all.length > 500) throw faults.answerTooLarge({ server: run.server })
    all.push(line.replace(/^\d{3}[ -]/, '').trim())
  }
  return { code: Number(code), words: `${code} ${all.join(' ')}` }
}

interface Dialogue {
  readonly lines: LineClient
  readonly hear: () => Promise<Reply>
  readonly ask: (command: string) => Promise<Reply>
}

function dialogue(run: Run, socket: Socket): Dialogue {
  const lines = createLineClient(run, socket)
  const hear = () => readReply(run, lines)
  const ask = (command: string) => {
    lines.send(`${command.replaceAll(/[\r\n\0]/g, '')}\r\n`)
    return hear()
  }
  return { lines, hear, ask }
}

export const ftp = declareTest({
  kind: 'ftp',
  label: 'FTP',
  help: 'Greets an FTP server, changes to TLS, logs on and lists a directory.',
  fields,
  target: ({ host, port, encryption }) => ({ host, port: port ?? (encryption === 'implicit' ? 990 : 21) }),
  timeout: ({ timeout }) => timeout,
  async test(run, values, target) {
    const { encryption, authentication, validateServerCertificate: validate } = values
    const credential = authentication === 'none' ? undefined : await run.credential(values.credentialName)
    const plain = await connect(run, target)
    const encrypt = async (): Promise<TLSSocket> =>
      withTickets(await secure(run, plain, { host: target.host, validate }))
    let control: Socket = encryption === 'implicit' ? await encrypt() : plain
    let talk = dialogue(run, control)
    await run.step('greeting', async (note) => {
      const { code, words } = await talk.hear()
      note(run.quote(words))
      if (code !== 220) throw faults.serviceRefused({ server: run.server, words: run.quote(words) })
    })
    if (encryption === 'explicit') {
      await run.step('handshake', async () => {
        const { code, words } = await talk.ask('AUTH TLS')
        if (code === 500 || code === 502 || code === 504 || code === 530)
          throw faults.starttlsNotOffered({ server: run.server }, { cause: words })
        if (code !== 234) throw faults.starttlsRefused({ server: run.server, words: run.quote(words) })
        talk.lines.release()
      })
      control = await encrypt()
      talk = dialogue(run, control)
    }
    if (credential !== undefined || values.checkDirectoryAccess) {
      await run.step('authenticate', async (note) => {
        const { user, password } = credential ?? { user: 'anonymous', password: 'anonymous@' }
        const asked = await talk.ask(`USER ${user}`)
        const reply = asked.code === 331 ? await talk.ask(`PASS ${password}`) : asked
        if (reply.code !== 230)
          throw faults.authenticationRefused({ server: run.server, words: run.quote(reply.words) })
        note(credential === undefined ? 'logged on as anonymous' : 'logged on')
      })
    }
    if (values.checkDirectoryAccess)
      await run.step('check directory', async (note) => note(await list(run, talk, control, values.directory)))
    await talk.lines.sayGoodbye('QUIT')
  },
})

const tickets = new WeakMap<Socket, Buffer>()

/** Remembers the session of the control connection: servers demand that data connections resume it. */
function withTickets(socket: TLSSocket): TLSSocket {
  const session = socket.getSession()
  if (session !== undefined) tickets.set(socket, session)
  socket.on('session', (ticket: Buffer) => tickets.set(socket, ticket))
  return socket
}

async function list(run: Run, talk: Dialogue, control: Socket, directory: string): Promise<string> {
  const missing = (words: string): Error =>
    faults.directoryMissing({ server: run.server, directory: directory || 'home', words: run.quote(words) })
  if (control instanceof TLSSocket) {
    await talk.ask('PBSZ 0')
    const { code, words } = await talk.ask('PROT P')
    if (code !== 200)
      throw faults.requestRefused({ server: run.server, what: 'to encrypt data', words: run.quote(words) })
  }
  if (directory !== '') {
    const { code, words } = await talk.ask(`CWD ${directory}`)
    if (code !== 250) throw missing(words)
  }
  const where = await talk.ask('PWD')
  const path = /^257 "((?:[^"]|"")*)"/.exec(where.words)?.[1]?.replaceAll('""', '"')
  if (path !== undefined) run.facts['directory'] = run.quote(path)
  const socket = await openData(run, talk, control)
  talk.lines.send('NLST\r\n')
  const begun = await talk.hear()
  // Servers differ in what an empty directory is: nothing, or a file that is not there.
  if (begun.code === 450 || begun.code === 550) return '0 entries'
  if (begun.code !== 150 && begun.code !== 125) throw missing(begun.words)
  const data = createLineClient(run, await encrypted(run, socket, control))
  const names = (await data.readAll())
    .toString()
    .split(/\r?\n/)
    .filter((name) => name !== '')
  const ended = await talk.hear()
  if (ended.code !== 226 && ended.code !== 250) throw missing(ended.words)
  run.facts['entries'] = names.length
  run.facts['names'] = names.slice(0, mostNames).map(run.quote)
  return `${names.length} entries`
}

/** A data connection to the server itself: an address in its answer is not followed, it could lead anywhere. */
async function openData(run: Run, { ask }: Dialogue, control: Socket): Promise<Socket> {
  const extended = await ask('EPSV')
  let port = Number(/\(\|\|\|(\d{1,5})\|\)/.exec(extended.words)?.[1] ?? 0)
  if (extended.code !== 229 || port === 0) {
    const passive = await ask('PASV')
    const [, high = 0, low = 0] = (/(?:\d+,){4}(\d{1,3}),(\d{1,3})/.exec(passive.words) ?? []).map(Number)
    port = high * 256 + low
    if (passive.code !== 227 || port < 1 || port > 65_535)
      throw faults.requestRefused({ server: run.server, what: 'a data connection', words: run.quote(passive.words) })
  }
  const address = String(run.facts['address'] ?? control.remoteAddress)
  const why = run.context.mayReach(address, port)
  if (why !== undefined) throw faults.addressNotPermitted({ host: run.server, addresses: [address], why })
  const { connect: openSocket } = await import('node:net')
  const socket = run.own(openSocket({ host: address, port }))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  return socket
}

async function encrypted(run: Run, socket: Socket, control: Socket): Promise<Socket> {
  if (!(control instanceof TLSSocket)) return socket
  const session = tickets.get(control)
  const data = run.own(
    startTls({ socket, rejectUnauthorized: false, minVersion: 'TLSv1.2', ...(session && { session }) }),
  )
  await new Promise<void>((resolve, reject) => {
    data.once('secureConnect', resolve)
    data.once('error', reject)
  })
  data.on('error', () => {})
  // The control connection was judged; this one must be with the same server.
  const same = data.getPeerX509Certificate()?.fingerprint256 === control.getPeerX509Certificate()?.fingerprint256
  if (!data.isSessionReused() && !same)
    throw faults.certificateInvalid({ why: 'the data connection shows another one than the control connection' })
  return data
}
