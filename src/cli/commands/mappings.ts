import { text } from '../../fields/index.ts'
import { localTime, textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { readCertificateText } from '../certificate-text.ts'
import { declareCommand } from '../command.ts'
import { pick } from '../registry.ts'
import { table } from '../table.ts'

export const mappingList = declareCommand({
  name: 'mapping list',
  summary: 'Lists which certificates stand for which users.',
  examples: [{ line: 'mapping list --user erp', words: 'Lists the certificates of one user.' }],
  positionals: {},
  flags: { user: text({ label: 'user', help: 'Only mappings to this user.', default: '' }) },
  async run({ user }, { api, output }) {
    const all = await api().list('CertificateUserMappings')
    const found = all.filter((each) => user === '' || textOf(each, 'User').toLowerCase() === user.toLowerCase())
    // Times of this set are milliseconds since 1970 written as text.
    const untilOf = (each: (typeof found)[number]): number => Number(textOf(each, 'ValidUntil'))
    const rows = found.map((each) => [
      textOf(each, 'Id'),
      textOf(each, 'User'),
      localTime(untilOf(each)),
      textOf(each, 'LastModifiedBy'),
    ])
    output.result(
      found.map((each) => ({
        Id: each.Id,
        User: each.User,
        ValidUntil: new Date(untilOf(each)).toISOString(),
        LastModifiedBy: each.LastModifiedBy,
      })),
      rows.length === 0 ? 'There are no mappings.' : table(['Id', 'User', 'Valid until', 'Changed by'], rows),
    )
  },
})

export const mappingAdd = declareCommand({
  name: 'mapping add',
  summary: 'Lets a certificate stand for a user. One that is mapped already changes its user.',
  examples: [{ line: 'mapping add --user erp --cert erp.pem', words: 'Calls with this certificate are calls of erp.' }],
  positionals: {},
  flags: {
    user: text({ label: 'user', help: 'Name of the user.' }),
    cert: text({ label: 'file', help: 'Certificate as PEM or DER; - is standard input.' }),
  },
  async run({ user, cert }, session) {
    const { api, output } = session
    const pem = await readCertificateText(session, cert)
    const answer = await api().write('POST', 'CertificateUserMappings', {
      User: user,
      Certificate: Buffer.from(pem).toString('base64'),
    })
    const { Id } = (JSON.parse(answer) as { readonly d: { readonly Id: string } }).d
    output.result({ id: Id, user, done: 'mapped' }, `mapped  ${Id}  ${user}`)
  },
})

export const mappingRemove = declareCommand({
  name: 'mapping remove',
  summary: 'Takes a certificate from its user. Calls with it are refused from the next request on.',
  examples: [{ line: 'mapping remove erp', words: 'Removes the only mapping of the user erp.' }],
  positionals: { mapping: text({ label: 'id or user', help: 'Id of the mapping, or a user with one mapping.' }) },
  flags: {},
  async run({ mapping }, { api, output }) {
    const found = pick(await api().list('CertificateUserMappings'), {
      wanted: mapping,
      id: 'Id',
      names: [(each) => textOf(each, 'User')],
      what: 'mapping',
      list: 'mapping list',
    })
    const id = textOf(found, 'Id')
    await api().write('DELETE', entity`CertificateUserMappings(${id})`)
    output.result({ id, user: found.User, done: 'removed' }, `removed  ${id}  ${textOf(found, 'User')}`)
  },
})
