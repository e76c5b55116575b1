import { text } from '../../fields/index.ts'
import { textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { readCertificateText } from '../certificate-text.ts'
import { declareCommand } from '../command.ts'
import { pick, showEntities } from '../registry.ts'

export const trustList = declareCommand({
  name: 'trust list',
  summary: 'Lists the certificates by which client certificates are trusted.',
  examples: [{ line: 'trust list', words: 'Lists them.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    const columns = [
      { property: 'Fingerprint', title: 'Fingerprint' },
      { property: 'Name', title: 'Name' },
      { property: 'Kind', title: 'Kind' },
      { property: 'Origin', title: 'Origin' },
      { property: 'ValidTo', title: 'Valid to', as: 'time' },
      { property: 'Subject', title: 'Subject' },
    ] as const
    showEntities(session, await session.api().list('TrustAnchors'), columns, 'No certificate is trusted.')
  },
})

export const trustAdd = declareCommand({
  name: 'trust add',
  summary: 'Trusts a CA, and what it has issued, or exactly one client certificate.',
  examples: [{ line: 'trust add partner-ca.pem --name Partner', words: 'Trusts clients of the CA of a partner.' }],
  positionals: { file: text({ label: 'file', help: 'Certificate as PEM or DER; - is standard input.' }) },
  flags: { name: text({ label: 'name', help: 'Name to show; default: its common name.', default: '' }) },
  async run({ file, name }, session) {
    const { api, output } = session
    const certificate = await readCertificateText(session, file)
    const body = { Certificate: certificate, ...(name !== '' && { Name: name }) }
    const { d } = JSON.parse(await api().write('POST', 'TrustAnchors', body)) as { readonly d: Record<string, unknown> }
    const words = `trusted  ${textOf(d, 'Name')}  ${textOf(d, 'Kind')}  ${textOf(d, 'Fingerprint')}`
    output.result({ fingerprint: d.Fingerprint, name: d.Name, kind: d.Kind, done: 'trusted' }, words)
  },
})

export const trustRemove = declareCommand({
  name: 'trust remove',
  summary: 'Ends the trust in a CA or certificate: open connections that rest on it are closed.',
  examples: [{ line: 'trust remove Partner', words: 'Removes the anchor of this name.' }],
  positionals: {
    anchor: text({ label: 'fingerprint or name', help: 'Fingerprint, its first 8 or more letters, or the name.' }),
  },
  flags: {},
  async run({ anchor }, { api, output }) {
    const found = pick(await api().list('TrustAnchors'), {
      wanted: anchor,
      id: 'Fingerprint',
      names: [(each) => textOf(each, 'Name')],
      what: 'trust anchor',
      list: 'trust list',
    })
    const fingerprint = textOf(found, 'Fingerprint')
    await api().write('DELETE', entity`TrustAnchors(${fingerprint})`)
    output.result(
      { fingerprint, name: found.Name, done: 'removed' },
      `removed  ${textOf(found, 'Name')}  ${fingerprint}`,
    )
  },
})
