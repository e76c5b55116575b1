import { text } from '../../fields/index.ts'
import { textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { readBytes } from '../files.ts'
import { pick, showEntities } from '../registry.ts'

export const crlList = declareCommand({
  name: 'crl list',
  summary: 'Lists the certificate revocation lists that were added here.',
  examples: [{ line: 'crl list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    const columns = [
      { property: 'Fingerprint', title: 'Fingerprint' },
      { property: 'Issuer', title: 'Issuer' },
      { property: 'ThisUpdate', title: 'Made', as: 'time' },
      { property: 'NextUpdate', title: 'Next', as: 'time' },
    ] as const
    showEntities(session, await session.api().list('CertificateRevocationLists'), columns, 'There are none.')
  },
})

export const crlAdd = declareCommand({
  name: 'crl add',
  summary: 'Adds a revocation list; it takes the place of an older one of the same issuer.',
  examples: [{ line: 'crl add ca.crl', words: 'Adds the list of a CA that offers none by HTTP.' }],
  positionals: { file: text({ label: 'file', help: 'Revocation list as PEM or DER; - is standard input.' }) },
  flags: {},
  async run({ file }, session) {
    const { api, output } = session
    const content = await readBytes(session, file, 'revocation list')
    const list = content[0] === 0x30 ? content.toString('base64') : content.toString('utf8')
    const answer = await api().write('POST', 'CertificateRevocationLists', { RevocationList: list })
    const { d } = JSON.parse(answer) as { readonly d: Record<string, unknown> }
    const fingerprint = textOf(d, 'Fingerprint')
    output.result({ fingerprint, issuer: d.Issuer, done: 'added' }, `added  ${fingerprint}  ${textOf(d, 'Issuer')}`)
  },
})

export const crlRemove = declareCommand({
  name: 'crl remove',
  summary: 'Removes a revocation list.',
  examples: [{ line: "crl remove 'CN=Example CA'", words: 'Removes the list of this issuer.' }],
  positionals: {
    list: text({ label: 'fingerprint or issuer', help: 'Fingerprint, its first 8 or more letters, or the issuer.' }),
  },
  flags: {},
  async run({ list }, { api, output }) {
    const found = pick(await api().list('CertificateRevocationLists'), {
      wanted: list,
      id: 'Fingerprint',
      names: [(each) => textOf(each, 'Issuer')],
      what: 'revocation list',
      list: 'crl list',
    })
    const fingerprint = textOf(found, 'Fingerprint')
    await api().write('DELETE', entity`CertificateRevocationLists(${fingerprint})`)
    output.result({ fingerprint, done: 'removed' }, `removed  ${fingerprint}`)
  },
})
