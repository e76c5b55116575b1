import { choice, flag, text } from '../../fields/index.ts'
import { type Entity, textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { readBytes, requireNew, writeNew } from '../files.ts'
import { promptSecret } from '../prompt-secret.ts'
import { type Column, showEntities } from '../registry.ts'
import { table } from '../table.ts'

const columns: readonly Column[] = [
  { property: 'Id', title: 'Id' },
  { property: 'PrimaryUserId', title: 'User ID' },
  { property: 'Type', title: 'Type' },
  { property: 'Algorithm', title: 'Algorithm' },
  { property: 'ValidityState', title: 'State' },
  { property: 'ValidUntil', title: 'Valid until', as: 'time' },
  { property: 'ModifiedAt', title: 'Changed', as: 'time' },
]

export const pgpList = declareCommand({
  name: 'pgp list',
  summary: 'Lists the PGP keys of both rings.',
  examples: [{ line: 'pgp list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    showEntities(session, await session.api().list('PgpKeyEntries'), columns, 'There are no PGP keys.')
  },
})

export const pgpImport = declareCommand({
  name: 'pgp import',
  summary:
    'Imports PGP keys and says what became of each. The passphrase of secret keys comes from a prompt or standard input.',
  examples: [
    { line: 'pgp import partner.asc', words: 'Adds public keys.' },
    { line: 'pgp import own.asc --secret', words: 'Adds secret keys, and asks for their passphrase.' },
  ],
  positionals: { file: text({ label: 'file', help: '.gpg (binary) or .asc (armored), with one or more keys.' }) },
  flags: {
    secret: flag({ label: 'secret', help: 'The file holds secret keys.', default: false }),
    mode: choice({
      label: 'mode',
      help: 'Add new keys; overwrite those with the same key ID too; or replace the whole ring.',
      options: { add: 'Add', overwrite: 'Overwrite', replace: 'Replace' },
      default: 'add',
    }),
  },
  async run({ file, secret, mode }, session) {
    const { api, output, input, err } = session
    const content = await readBytes(session, file, 'PGP keys')
    const body = { Content: content.toString('base64'), Mode: mode }
    const answer = secret
      ? await api().invoke('ImportPgpSecretKeys', { ...body, Passphrase: await promptSecret('Passphrase', input, err) })
      : await api().invoke('ImportPgpPublicKeys', body)
    const results = JSON.parse(answer.toString()) as readonly Entity[]
    const names = ['KeyId', 'Outcome', 'UserId', 'Reason']
    output.result(
      results,
      table(
        names,
        results.map((each) => names.map((name) => textOf(each, name))),
      ),
    )
  },
})

export const pgpExport = declareCommand({
  name: 'pgp export',
  summary:
    'Writes PGP keys into a new file. Secret keys get a new passphrase, from a prompt or standard input, and each export is audited.',
  examples: [
    { line: 'pgp export --out public.asc', words: 'The whole public ring.' },
    { line: 'pgp export --secret --key 0123456789ABCDEF --out own.asc', words: 'One secret key.' },
  ],
  positionals: {},
  flags: {
    out: text({ label: 'file', help: 'New file; what ends in .gpg is written as binary.' }),
    key: text({ label: 'key ID', help: 'One key; default: the whole ring.', default: '' }),
    secret: flag({ label: 'secret', help: 'The secret keys.', default: false }),
  },
  async run({ out, key, secret }, session) {
    const { api, output, input, err } = session
    requireNew(session, out)
    const body = { Format: out.endsWith('.gpg') ? 'gpg' : 'asc', ...(key !== '' && { KeyId: key }) }
    const content = secret
      ? await api().invoke('ExportPgpSecretKeys', {
          ...body,
          Passphrase: await promptSecret('New passphrase', input, err),
        })
      : await api().invoke('ExportPgpPublicKeys', body)
    writeNew(session, out, content, secret)
    output.result({ file: out, done: 'written' }, `written  ${out}`)
  },
})

export const pgpDelete = declareCommand({
  name: 'pgp delete',
  summary: 'Deletes a PGP key. What was encrypted to a secret key cannot be decrypted afterwards.',
  examples: [
    { line: 'pgp delete 0123456789ABCDEF', words: 'Deletes the public key; its id ends in -secret for the other.' },
  ],
  positionals: { id: text({ label: 'id', help: 'As pgp list shows it.' }) },
  flags: {},
  async run({ id }, { api, output }) {
    await api().write('DELETE', entity`PgpKeyEntries(${id})`)
    output.result({ id, done: 'deleted' }, `deleted  ${id}`)
  },
})
