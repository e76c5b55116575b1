import { choice, text } from '../../fields/index.ts'
import { textOf } from '../api/entity.ts'
import { literal, query } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { readBytes, requireNew, writeNew } from '../files.ts'
import { entryAddress, keystoreFlag, keystoreNames, outcomeColumns, outcomesOf } from '../key-address.ts'
import { fingerprintFlag } from '../key-flags.ts'
import { promptSecret } from '../prompt-secret.ts'
import { factsOfEntity, recordOf, showEntities } from '../registry.ts'
import { list } from '../several.ts'

const alias = text({ label: 'alias', help: 'Alias of the entry; compared exactly.', maxLength: 250 })

const listColumns = [
  { property: 'Alias', title: 'Alias' },
  { property: 'Type', title: 'Type' },
  { property: 'Owner', title: 'Owner' },
  { property: 'Validity', title: 'Validity' },
  { property: 'ValidNotAfter', title: 'Valid to', as: 'time' },
  { property: 'SubjectDN', title: 'Subject' },
] as const

export const keyList = declareCommand({
  name: 'key list',
  summary: 'Lists the key pairs and certificates of the keystore.',
  examples: [
    { line: 'key list', words: 'Lists those in use.' },
    { line: 'key list --keystore backup', words: 'Lists the backup.' },
  ],
  positionals: {},
  flags: { keystore: keystoreFlag },
  async run({ keystore }, session) {
    const found = await session.api().list(`KeystoreEntries${query({ keystoreName: keystoreNames[keystore] })}`)
    showEntities(session, found, listColumns, 'There are none.')
  },
})

export const keyShow = declareCommand({
  name: 'key show',
  summary: 'Shows an entry of the keystore with its fingerprints and its chain. The private key is never shown.',
  examples: [{ line: 'key show orders', words: 'Shows the entry orders.' }],
  positionals: { alias },
  flags: { keystore: keystoreFlag },
  async run({ alias, keystore }, { api, output }) {
    const options = query({ keystoreName: keystoreNames[keystore] })
    const found = await api().entity(entryAddress(alias) + options)
    const chain = await api().list(`${entryAddress(alias)}/ChainCertificates${options}`)
    const columns = [
      ...listColumns.slice(0, 4),
      { property: 'ValidNotBefore', title: 'Valid from', as: 'time' },
      ...listColumns.slice(4),
      { property: 'IssuerDN', title: 'Issuer' },
      { property: 'SerialNumber', title: 'Serial number' },
      { property: 'KeyType', title: 'Key' },
      { property: 'KeySize', title: 'Bits' },
      { property: 'SignatureAlgorithm', title: 'Signature' },
      { property: 'FingerprintSha1', title: 'SHA-1' },
      { property: 'FingerprintSha256', title: 'SHA-256' },
      { property: 'CreatedBy', title: 'Created by' },
      { property: 'CreatedTime', title: 'Created', as: 'time' },
      { property: 'LastModifiedBy', title: 'Changed by' },
      { property: 'LastModifiedTime', title: 'Changed', as: 'time' },
    ] as const
    const subjects = chain.map((each) => textOf(each, 'SubjectDN'))
    const words = subjects.map((subject, index) => `${'  '.repeat(index)}${subject}`).join('\n')
    output.result(
      { ...recordOf(found, columns), chain: subjects },
      `${factsOfEntity(found, columns)}\n\nChain\n${words}`,
    )
  },
})

export const keyCsr = declareCommand({
  name: 'key csr',
  summary: 'Writes the certificate signing request (PKCS#10) of a key pair, for a CA.',
  examples: [{ line: 'key csr orders --out orders.csr', words: 'Writes the request to a new file.' }],
  positionals: { alias },
  flags: { out: text({ label: 'file', help: 'New file; default: print it.', default: '' }) },
  async run({ alias, out }, session) {
    requireNew(session, out)
    const content = await session.api().content(`${entryAddress(alias)}/SigningRequest/$value`)
    const request = content?.toString() ?? ''
    if (out === '') return session.output.result({ request }, request.trimEnd())
    writeNew(session, out, request, false)
    session.output.result({ file: out }, `written  ${out}`)
  },
})

export const keyRename = declareCommand({
  name: 'key rename',
  summary: 'Gives an entry of the keystore another alias. Refused while a flow names it.',
  examples: [{ line: 'key rename orders orders-old', words: 'Renames orders.' }],
  positionals: { alias, to: text({ label: 'new alias', help: 'New alias.', maxLength: 250 }) },
  flags: {},
  async run({ alias, to }, { api, output }) {
    await api().write('PUT', entryAddress(alias) + query({ renameAlias: to }), {})
    output.result({ alias: to, done: 'renamed' }, `renamed  ${alias}  ${to}`)
  },
})

export const keyCopy = declareCommand({
  name: 'key copy',
  summary: 'Makes a second entry of the keystore with the same key and certificates.',
  examples: [{ line: 'key copy orders orders-test', words: 'Copies orders.' }],
  positionals: { alias, to: text({ label: 'new alias', help: 'Alias of the copy.', maxLength: 250 }) },
  flags: {},
  async run({ alias, to }, { api, output }) {
    await api().write('PUT', entryAddress(alias) + query({ copy: 'true', destinationAlias: to }), {})
    output.result({ alias: to, done: 'copied' }, `copied  ${alias}  ${to}`)
  },
})

export const keyDelete = declareCommand({
  name: 'key delete',
  summary: 'Deletes entries of the keystore. Refused while a flow names them.',
  examples: [{ line: 'key delete old older', words: 'Deletes two entries.' }],
  positionals: { alias: list({ label: 'alias', help: 'Aliases of the entries.', required: true }) },
  flags: {},
  async run({ alias }, session) {
    const aliases = alias.map((each) => each.replaceAll(/[\\;]/g, '\\$&')).join(';')
    const address = "KeystoreResources('system')?deleteEntries=true&returnKeystoreEntries=true"
    const outcomes = outcomesOf(await session.api().write('PUT', address, { Aliases: aliases }))
    showEntities(session, outcomes, outcomeColumns.slice(0, 3), 'Nothing was deleted.')
    return outcomes.every((each) => textOf(each, 'Status') === 'removed') ? 0 : 1
  },
})

const parts = {
  cer: 'Certificate/$value',
  root: 'Certificate/$value',
  p7b: 'ChainResource/$value',
  ssh: 'Sshkey/$value',
} as const

export const keyExportPublic = declareCommand({
  name: 'key export-public',
  summary: 'Writes the public part of an entry, or of the whole keystore as JCEKS without a password.',
  examples: [
    { line: 'key export-public orders --out orders.cer', words: 'Writes the certificate in PEM.' },
    { line: 'key export-public id_rsa --as ssh', words: 'Prints the public key as authorized_keys takes it.' },
    { line: 'key export-public --out all.jceks', words: 'Writes all certificates.' },
  ],
  positionals: { alias: list({ label: 'alias', help: 'Alias of the entry; without it, all of the keystore.' }) },
  flags: {
    as: choice({
      label: 'form',
      help: 'cer: certificate; root: the root of its chain; p7b: the chain; ssh: the public key of OpenSSH.',
      options: { cer: 'Certificate', root: 'Root certificate', p7b: 'Chain', ssh: 'OpenSSH' },
      default: 'cer',
    }),
    out: text({ label: 'file', help: 'New file; default: print it.', default: '' }),
    keystore: keystoreFlag,
  },
  async run({ alias, as, out, keystore }, session) {
    const { api, output } = session
    requireNew(session, out)
    const [one] = alias
    const keystoreName = keystoreNames[keystore]
    if (one === undefined) {
      if (out === '')
        throw faults.usage({ problems: ['--out is missing: a keystore is not text'], command: 'key export-public' })
      const whole = await api().entity(`KeystoreResources(${literal(keystoreName)})`)
      writeNew(session, out, Buffer.from(textOf(whole, 'Resource'), 'base64'), false)
      return output.result({ file: out }, `written  ${out}`)
    }
    const options = query({ keystoreName, rootCA: as === 'root' ? 'true' : undefined })
    const content = (await api().content(`${entryAddress(one)}/${parts[as]}${options}`))?.toString() ?? ''
    if (out === '') return output.result({ alias: one, content }, content.trimEnd())
    writeNew(session, out, content, false)
    output.result({ file: out }, `written  ${out}`)
  },
})

export const keyExportPrivate = declareCommand({
  name: 'key export-private',
  summary:
    'Writes a key pair with its private key as PKCS#12, where the settings of the server allow it. Asks for a password for the file. It is audited.',
  examples: [
    { line: 'key export-private orders --out orders.p12', words: 'Writes a new file that only you can read.' },
  ],
  positionals: { alias },
  flags: { out: text({ label: 'file', help: 'New file.' }) },
  async run({ alias, out }, session) {
    const { api, output, input, err } = session
    requireNew(session, out)
    const password = await promptSecret('Password for the file', input, err)
    const file = await api().invoke(`ExportKeyPair${query({ Alias: literal(alias) })}`, { Password: password })
    writeNew(session, out, file, true)
    output.result({ file: out }, `written  ${out}`)
  },
})

export const keySignResponse = declareCommand({
  name: 'key sign-response',
  summary: 'Takes the answer of a CA to the signing request of a key pair: its certificate with its issuers.',
  examples: [{ line: 'key sign-response orders answer.p7b', words: 'PKCS#7, PEM, DER and PKI paths are read.' }],
  positionals: { alias, file: text({ label: 'file', help: 'Answer of the CA; - is standard input.' }) },
  flags: { 'fingerprint-verified': fingerprintFlag },
  async run({ alias, file, 'fingerprint-verified': verified }, session) {
    const content = await readBytes(session, file, 'signing response')
    if (content.includes('PRIVATE KEY')) throw faults.privateKeyGiven({ file, wanted: 'the answer of a CA' })
    const address = `${entryAddress(alias).replace('KeystoreEntries', 'CertificateChainResources')}/$value`
    const options = query({ returnKeystoreEntries: 'true', fingerprintVerified: String(verified) })
    const outcomes = outcomesOf(await session.api().write('PUT', address + options, content))
    showEntities(session, outcomes, outcomeColumns, 'Nothing was changed.')
  },
})
