import { flag, text } from '../../fields/index.ts'
import { type Entity, textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { readCertificateText } from '../certificate-text.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { requireNew } from '../files.ts'
import { handOver, shapeFlag } from '../key-document.ts'
import { type Column, factsOfEntity, recordOf, showEntities } from '../registry.ts'
import { findInstance, findKey } from '../service-key-lookup.ts'
import { table } from '../table.ts'

const key = text({ label: 'key', help: 'Id of the service key, its name, or instance/name.' })

const short: readonly Column[] = [
  { property: 'Instance', title: 'Instance' },
  { property: 'Name', title: 'Name' },
  { property: 'Type', title: 'Type' },
  { property: 'ClientId', title: 'Client id' },
  { property: 'CertificateValidTo', title: 'Certificate until', as: 'time' },
  { property: 'Until', title: 'Key until', as: 'time' },
  { property: 'Id', title: 'Id' },
]

const full: readonly Column[] = [
  ...short.slice(1),
  { property: 'Pinned', title: 'Pinned' },
  { property: 'CertificateSubject', title: 'Subject' },
  { property: 'CertificateIssuer', title: 'Issuer' },
  { property: 'CertificateFingerprint', title: 'Fingerprint' },
  { property: 'CreatedBy', title: 'Created by' },
  { property: 'CreatedAt', title: 'Created at', as: 'time' },
]

const certificateColumns: readonly Column[] = [
  { property: 'Fingerprint', title: 'Fingerprint' },
  { property: 'Subject', title: 'Subject' },
  { property: 'ValidTo', title: 'Valid to', as: 'time' },
  { property: 'From', title: 'Counts from', as: 'time' },
  { property: 'Until', title: 'Counts until', as: 'time' },
]

export const serviceKeyList = declareCommand({
  name: 'service-key list',
  summary: 'Lists the service keys: the credentials of service instances. No secret is shown.',
  examples: [{ line: 'service-key list --instance sales', words: 'Lists those of one instance.' }],
  positionals: {},
  flags: { instance: text({ label: 'instance', help: 'Only keys of this service instance.', default: '' }) },
  async run({ instance }, session) {
    const { api } = session
    const only = instance === '' ? undefined : await findInstance(session, instance)
    const instances = only === undefined ? await api().list('ServiceInstances') : [only]
    const names = new Map(instances.map((each) => [each.Id, each.Name]))
    const found = (await api().list('ServiceKeys')).filter((each) => only === undefined || each.InstanceId === only.Id)
    const rows = found.map((each) => ({ ...each, Instance: names.get(each.InstanceId) }))
    showEntities(session, rows, short, 'There are no service keys.')
  },
})

export const serviceKeyShow = declareCommand({
  name: 'service-key show',
  summary: 'Shows a service key with its certificates, or the credential itself as JSON.',
  examples: [
    { line: 'service-key show sales/erp', words: 'Shows what is known of it, without a secret.' },
    { line: 'service-key show sales/erp --credential --out erp.json', words: 'Writes the key for a client.' },
  ],
  positionals: { key },
  flags: {
    credential: flag({ label: 'Credential', help: 'Print the key with its secret.', default: false }),
    shape: shapeFlag,
    out: text({ label: 'file', help: 'With --credential: write it to this new file (mode 600).', default: '' }),
  },
  async run({ key, credential, shape, out }, session) {
    const { api, output } = session
    if (out !== '' && !credential)
      throw faults.usage({ problems: ['--out goes with --credential'], command: 'service-key show' })
    requireNew(session, out)
    const found = await findKey(session, key)
    if (credential) return handOver(session, { id: textOf(found, 'Id'), shape, out })
    const address = entity`ServiceKeys(${textOf(found, 'Id')})`
    const certificates = await api().list(`${address}/Certificates`)
    const rows = certificates.map((each) => factsOfEntity(each, certificateColumns))
    output.result(
      { ...recordOf(found, full), Certificates: certificates.map((each) => recordOf(each, certificateColumns)) },
      [factsOfEntity(found, full), ...rows].join('\n\n'),
    )
  },
})

export const serviceKeyDelete = declareCommand({
  name: 'service-key delete',
  summary: 'Deletes a service key: calls with it are refused from the next request on.',
  examples: [{ line: 'service-key delete sales/erp', words: 'Deletes it.' }],
  positionals: { key },
  flags: {},
  async run({ key }, session) {
    const id = textOf(await findKey(session, key), 'Id')
    await session.api().write('DELETE', entity`ServiceKeys(${id})`)
    session.output.result({ id, done: 'deleted' }, `deleted  ${key}`)
  },
})

const day = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?$/

const moment = (help: string) =>
  text({ label: 'time', help, default: '', pattern: day, form: 'like 2026-01-31 or 2026-01-31T12:00:00Z' })

export const serviceKeyAddCertificate = declareCommand({
  name: 'service-key add-certificate',
  summary: 'Adds a further certificate to a key, so that a renewal overlaps.',
  examples: [
    {
      line: 'service-key add-certificate sales/erp --cert new.pem --from 2026-06-01',
      words: 'Takes the next certificate of a client from the first of June on, beside the old one.',
    },
  ],
  positionals: { key },
  flags: {
    cert: text({ label: 'file', help: 'Certificate as PEM or DER; - is standard input.' }),
    from: moment('When it begins to count; default: at once.'),
    until: moment('When it ends to count; default: with its validity.'),
  },
  async run({ key, cert, from, until }, session) {
    const { api, output } = session
    const wire = (time: string): string => `/Date(${Date.parse(time)})/`
    const certificate = await readCertificateText(session, cert)
    const id = textOf(await findKey(session, key), 'Id')
    const answer = await api().write('POST', 'ServiceKeyCertificates', {
      KeyId: id,
      Certificate: certificate,
      ...(from !== '' && { From: wire(from) }),
      ...(until !== '' && { Until: wire(until) }),
    })
    const { d } = JSON.parse(answer) as { readonly d: Entity }
    const rows = table(
      certificateColumns.map(({ title }) => title),
      [certificateColumns.map((column) => String(recordOf(d, [column])[column.property] ?? ''))],
    )
    output.result({ ...recordOf(d, certificateColumns), KeyId: id, done: 'added' }, rows)
  },
})
