import { text } from '../../fields/index.ts'
import { textOf } from '../api/entity.ts'
import { entity } from '../api/odata-address.ts'
import { readCertificateText } from '../certificate-text.ts'
import { declareCommand } from '../command.ts'
import { pick, showEntities } from '../registry.ts'

/** The commands for certificates that stand for something with a name: the same for each kind of thing. */
function commandsFor(kind: {
  /** First word of the commands. */
  readonly word: string
  readonly set: 'ChannelCertificates' | 'TrustedProxies'
  readonly many: string
  readonly add: string
  readonly remove: string
  readonly example: string
}) {
  const { word, set, many, add, remove, example } = kind
  return {
    list: declareCommand({
      name: `${word} list`,
      summary: `Lists ${many}.`,
      examples: [{ line: `${word} list`, words: 'Lists them.' }],
      positionals: {},
      flags: {},
      async run(_, session) {
        const columns = [
          { property: 'Name', title: 'Name' },
          { property: 'Fingerprint', title: 'Fingerprint' },
          { property: 'Subject', title: 'Subject' },
          { property: 'Issuer', title: 'Issuer' },
          { property: 'ValidTo', title: 'Valid to', as: 'time' },
        ] as const
        showEntities(session, await session.api().list(set), columns, 'There are none.')
      },
    }),
    add: declareCommand({
      name: `${word} add`,
      summary: add,
      examples: [{ line: `${word} add ${example} --cert ${example}.pem`, words: 'Adds one.' }],
      positionals: { name: text({ label: 'name', help: 'Name to show; several certificates may have the same.' }) },
      flags: { cert: text({ label: 'file', help: 'Certificate as PEM or DER; - is standard input.' }) },
      async run({ name, cert }, session) {
        const { api, output } = session
        const body = { Name: name, Certificate: await readCertificateText(session, cert) }
        const { d } = JSON.parse(await api().write('POST', set, body)) as { readonly d: Record<string, unknown> }
        const fingerprint = textOf(d, 'Fingerprint')
        output.result({ name, fingerprint, done: 'added' }, `added  ${name}  ${fingerprint}`)
      },
    }),
    remove: declareCommand({
      name: `${word} remove`,
      summary: remove,
      examples: [{ line: `${word} remove ${example}`, words: 'Removes the only certificate of this name.' }],
      positionals: {
        certificate: text({
          label: 'fingerprint or name',
          help: 'Fingerprint, its first 8 or more letters, or a name with one certificate.',
        }),
      },
      flags: {},
      async run({ certificate }, { api, output }) {
        const found = pick(await api().list(set), {
          wanted: certificate,
          id: 'Fingerprint',
          names: [(each) => textOf(each, 'Name')],
          what: 'certificate',
          list: `${word} list`,
        })
        const fingerprint = textOf(found, 'Fingerprint')
        await api().write('DELETE', set + entity`(${fingerprint})`)
        output.result(
          { fingerprint, name: found.Name, done: 'removed' },
          `removed  ${textOf(found, 'Name')}  ${fingerprint}`,
        )
      },
    }),
  }
}

export const channelCertificates = commandsFor({
  word: 'channel-certificate',
  set: 'ChannelCertificates',
  many: 'the certificates of senders whose channels list them by their names',
  add: 'Registers the certificate of a sender for channels that list its subject and issuer.',
  remove: 'Removes the certificate of a sender. Calls with it are refused from the next request on.',
  example: 'erp',
})

export const proxies = commandsFor({
  word: 'proxy',
  set: 'TrustedProxies',
  many: 'the certificates of proxies that may say which client certificate they have seen',
  add: 'Trusts a proxy that shows this certificate to say which client certificate it has seen.',
  remove: 'Ends the trust in a proxy: what it says about clients is ignored from the next request on.',
  example: 'front',
})
