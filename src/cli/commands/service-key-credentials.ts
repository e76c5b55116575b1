import { choice, flag, integer, text } from '../../fields/index.ts'
import { type Entity, textOf } from '../api/entity.ts'
import { literal, query } from '../api/odata-address.ts'
import { readCertificateText } from '../certificate-text.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { requireNew, writeNew } from '../files.ts'
import { handOver, shapeFlag } from '../key-document.ts'
import { promptSecret } from '../prompt-secret.ts'
import { findInstance, findKey } from '../service-key-lookup.ts'

const key = text({ label: 'key', help: 'Id of the service key, its name, or instance/name.' })
const out = text({
  label: 'file',
  help: 'Write the key to this new file (mode 600) instead of printing it.',
  default: '',
})

export const serviceKeyCreate = declareCommand({
  name: 'service-key create',
  summary: 'Creates a service key and prints it, or writes it to a file.',
  examples: [
    { line: 'service-key create sales erp --out erp.json', words: 'Client id and secret, in a file.' },
    { line: 'service-key create sales erp --type certificate --days 90', words: 'A certificate of the built-in CA.' },
    { line: 'service-key create sales erp --cert erp.pem', words: "Registers the client's own certificate." },
  ],
  positionals: {
    instance: text({ label: 'instance', help: 'Name or id of the service instance.' }),
    name: text({ label: 'name', help: 'Name of the new key.' }),
  },
  flags: {
    type: choice({
      label: 'type',
      help: 'What the client proves itself by; with --cert it is its own certificate.',
      options: { secret: 'Client id and secret', certificate: 'Certificate of the built-in CA' },
      default: 'secret',
    }),
    days: integer({ label: 'days', help: 'Validity of the certificate.', min: 1, max: 365, default: 365 }),
    'key-size': integer({ label: 'bits', help: 'RSA key: 2048, 3072 or 4096.', min: 2048, max: 4096, default: 2048 }),
    cert: text({ label: 'file', help: "File of the client's own certificate (PEM or DER).", default: '' }),
    pin: flag({
      label: 'Pin',
      help: 'Also take renewed certificates of the same names that a trusted CA has issued.',
      default: true,
    }),
    'client-id': text({ label: 'id', help: 'A client id of your own, for a key with a secret.', default: '' }),
    'own-secret': flag({
      label: 'Own secret',
      help: 'Ask for the secret (prompt or standard input) instead of drawing one.',
      default: false,
    }),
    shape: shapeFlag,
    out,
  },
  async run({ instance, name, shape, out, ...given }, session) {
    const { api } = session
    requireNew(session, out)
    const parameters = await parametersOf(given, session)
    const id = textOf(await findInstance(session, instance), 'Id')
    const secret = given['own-secret']
      ? { 'client-secret': await promptSecret('Secret', session.input, session.err) }
      : {}
    const answer = await api().write('POST', 'ServiceKeys', {
      InstanceId: id,
      Name: name,
      Parameters: JSON.stringify({ ...parameters, ...secret }),
    })
    const { d } = JSON.parse(answer) as { readonly d: Entity }
    return handOver(session, { id: textOf(d, 'Id'), shape, out })
  },
})

interface Given {
  readonly type: 'secret' | 'certificate'
  readonly days: number
  readonly 'key-size': number
  readonly cert: string
  readonly pin: boolean
  readonly 'client-id': string
  readonly 'own-secret': boolean
}

/** The parameters in the JSON of the original. @throws cli.usage for what does not go together */
async function parametersOf(given: Given, session: Parameters<typeof readCertificateText>[0]): Promise<object> {
  const { type, days, cert, pin, 'client-id': clientId } = given
  const problems: string[] = []
  const hasSecret = type === 'secret' && cert === ''
  if (cert !== '' && type === 'certificate') problems.push('--cert and --type certificate exclude each other')
  if (!hasSecret && (clientId !== '' || given['own-secret']))
    problems.push('--client-id and --own-secret are for keys with a secret')
  if (!pin && cert === '') problems.push('--no-pin goes with --cert')
  if (problems.length > 0) throw faults.usage({ problems, command: 'service-key create' })
  if (cert !== '') {
    const certificate = await readCertificateText(session, cert)
    return { 'key-type': 'certificate_external', 'X.509': certificate, 'pin-certificate': pin }
  }
  if (type === 'certificate') return { 'key-type': type, validity: days, 'key-length': given['key-size'] }
  return { 'key-type': type, ...(clientId !== '' && { 'client-id': clientId }) }
}

export const serviceKeyRotate = declareCommand({
  name: 'service-key rotate',
  summary: 'Makes a new credential beside the old one, which counts for some days more. Prints the new key.',
  examples: [
    { line: 'service-key rotate sales/erp --overlap 14 --out erp-new.json', words: 'Both count for two weeks.' },
    {
      line: 'service-key rotate sales/erp --cert new.pem',
      words: "Registers the next certificate of the client's own.",
    },
  ],
  positionals: { key },
  flags: {
    overlap: integer({
      label: 'days',
      help: 'How long the old one still counts; 0 ends it.',
      min: 0,
      max: 365,
      default: 7,
    }),
    cert: text({ label: 'file', help: "File of the client's own new certificate (PEM or DER).", default: '' }),
    shape: shapeFlag,
    out,
  },
  async run({ key, overlap, cert, shape, out }, session) {
    const certificate = cert === '' ? undefined : Buffer.from(await readCertificateText(session, cert))
    requireNew(session, out)
    const id = textOf(await findKey(session, key), 'Id')
    const address = `RotateServiceKey${query({ Id: literal(id), OverlapDays: literal(String(overlap)) })}`
    const answer = JSON.parse((await session.api().invoke(address, certificate)).toString()) as Entity
    return handOver(session, { id: textOf(answer, 'Id'), shape, out })
  },
})

export const serviceKeyKit = declareCommand({
  name: 'service-key kit',
  summary:
    'Writes a zip with all that a client needs: key files, PKCS#12, Postman collection, curl lines, the root of the server. The password for PKCS#12 comes from a prompt or standard input.',
  examples: [
    { line: 'service-key kit sales/erp', words: 'Writes erp-kit.zip.' },
    { line: 'service-key kit sales/erp --out /safe/erp.zip < password.txt', words: 'Takes the password from a file.' },
  ],
  positionals: { key },
  flags: { out: text({ label: 'file', help: 'New file (mode 600); default: <name>-kit.zip.', default: '' }) },
  async run({ key, out }, session) {
    const { api, output, input, err } = session
    const found = await findKey(session, key)
    const file = out || `${textOf(found, 'Name').replaceAll(/[^A-Za-z0-9_.-]+/g, '-')}-kit.zip`
    requireNew(session, file)
    const hasPrivateKey = textOf(found, 'Type') === 'certificate'
    const password = hasPrivateKey ? { Password: await promptSecret('Password for PKCS#12', input, err) } : {}
    const work = api().invoke('ServiceKeyKit', { Id: textOf(found, 'Id'), ...password })
    const content = await output.progress('Making the kit', work)
    writeNew(session, file, content, true)
    output.result({ id: found.Id, file }, `written  ${file}`)
  },
})
