import { choice, flag, integer, text } from '../../fields/index.ts'
import { textOf } from '../api/entity.ts'
import { entity, query } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { readBytes } from '../files.ts'
import { entryAddress, outcomeColumns, outcomesOf } from '../key-address.ts'
import { fingerprintFlag, subjectBody, subjectFlags } from '../key-flags.ts'
import { promptSecret } from '../prompt-secret.ts'
import { showEntities } from '../registry.ts'
import type { Session } from '../session.ts'

const systemAlias = 'sap_cloudintegrationcertificate'
const shown = { returnKeystoreEntries: 'true' }

const showOutcomes = (session: Session, answer: string): void =>
  showEntities(session, outcomesOf(answer), outcomeColumns, 'Nothing was changed.')

export const keyGenerate = declareCommand({
  name: 'key generate',
  summary: 'Makes a key pair with a self-signed certificate, or a key for SSH.',
  examples: [
    { line: 'key generate orders --cn orders.example.com --country DE', words: 'RSA with 4096 bits, three years.' },
    { line: 'key generate id_rsa --ssh --cn sftp --country DE', words: 'A key for SFTP.' },
    { line: 'key generate ec --type EC --bits 256 --cn me --country DE', words: 'EC on P-256.' },
  ],
  positionals: { alias: text({ label: 'alias', help: 'New alias.', maxLength: 250 }) },
  flags: {
    type: choice({
      label: 'type',
      help: 'RSA, EC or ED25519.',
      options: { RSA: 'RSA', EC: 'EC', ED25519: 'Ed25519' },
      default: 'RSA',
    }),
    bits: integer({ label: 'bits', help: 'RSA 2048 to 4096; EC 256, 384, 521.', min: 0, max: 8192, default: 0 }),
    ssh: flag({ label: 'SSH', help: 'The key is for SSH.', default: false }),
    ...subjectFlags,
  },
  async run({ alias, type, bits, ssh, ...subject }, session) {
    const body = {
      Alias: alias,
      KeyType: type,
      ...(bits !== 0 && { KeySize: bits }),
      ...subjectBody(subject, session.clock.now()),
    }
    const set = ssh ? 'SSHKeyGenerationRequests' : 'KeyPairGenerationRequests'
    showOutcomes(session, await session.api().write('POST', set + query(shown), body))
  },
})

const kinds = {
  keystore: 'All of a keystore',
  key: 'One key pair',
  certificate: 'One certificate',
  ssh: 'SSH key',
  rsa: 'RSA key',
} as const

export const keyImport = declareCommand({
  name: 'key import',
  summary:
    'Imports a keystore (PKCS#12, JKS, JCEKS), a key pair (also PEM), a certificate, or a key for SSH (OpenSSH, PuTTY, PEM). The password comes from a prompt or standard input.',
  examples: [
    { line: 'key import old.jks', words: 'Takes all entries whose aliases are free, and says what became of each.' },
    { line: 'key import orders.p12 --alias orders --as key', words: 'Takes one key pair.' },
    { line: 'key import root.pem --alias root --as certificate --no-password', words: 'Takes a certificate.' },
    { line: 'key import id_ed25519 --alias sftp --as ssh --cn sftp --country DE', words: 'Takes an SSH key.' },
  ],
  positionals: { file: text({ label: 'file', help: 'File of keys or certificates.' }) },
  flags: {
    as: choice({ label: 'kind', help: `${Object.keys(kinds).join(', ')}.`, options: kinds, default: 'keystore' }),
    alias: text({ label: 'alias', help: 'Alias, for all but a keystore.', default: '', maxLength: 250 }),
    mode: choice({
      label: 'mode',
      help: 'Of a keystore: merge keeps what is there, overwrite replaces it, replace also removes all others.',
      options: { merge: 'Merge', overwrite: 'Overwrite', replace: 'Replace' },
      default: 'merge',
    }),
    update: flag({ label: 'update', help: 'Replace the entry that has the alias.', default: false }),
    password: flag({ label: 'Password', help: 'The file has no password.', default: true }),
    'fingerprint-verified': fingerprintFlag,
    'accept-expired': flag({ label: 'expired', help: 'Take it although it has expired.', default: false }),
    ...subjectFlags,
  },
  async run({ file, as, alias, mode, password: asks, update, ...rest }, session) {
    const { 'fingerprint-verified': verified, 'accept-expired': expired, ...subject } = rest
    if (alias === '' && as !== 'keystore')
      throw faults.usage({ problems: ['--alias is missing'], command: 'key import' })
    const content = await readBytes(session, file, 'key file')
    const options = query({
      ...shown,
      acceptExpired: String(expired),
      ...(as === 'keystore'
        ? { importOption: mode }
        : { fingerprintVerified: String(verified), update: String(update) }),
    })
    const { api } = session
    if (as === 'certificate') {
      if (content.includes('PRIVATE KEY')) throw faults.privateKeyGiven({ file, wanted: 'a certificate' })
      const address = `${entryAddress(alias).replace('KeystoreEntries', 'CertificateResources')}/$value`
      return showOutcomes(session, await api().write('PUT', address + options, content))
    }
    const password = asks ? await promptSecret('Password', session.input, session.err) : ''
    const body = { Resource: content.toString('base64'), ...(password !== '' && { Password: password }) }
    if (as === 'keystore') {
      const answer = await api().write('POST', `KeystoreResources${options}`, { Name: 'system', ...body })
      return showOutcomes(session, answer)
    }
    const named = as === 'key' ? {} : subjectBody(subject, session.clock.now())
    const set = { key: 'KeyPairResources', ssh: 'SSHKeyResources', rsa: 'RSAKeyResources' }[as]
    showOutcomes(session, await api().write('POST', set + options, { Alias: alias, ...body, ...named }))
  },
})

export const keyBackup = declareCommand({
  name: 'key backup',
  summary: 'Copies your entries of the keystore over the last backup, which stays in the database.',
  examples: [{ line: 'key backup', words: 'Makes the backup.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    const body = { Name: 'backup_admin_system' }
    showOutcomes(session, await session.api().write('POST', `KeystoreResources${query(shown)}`, body))
  },
})

export const keyRestore = declareCommand({
  name: 'key restore',
  summary: 'Replaces all your entries of the keystore by the backup. What came after it is removed.',
  examples: [{ line: 'key restore', words: 'Restores the backup.' }],
  positionals: {},
  flags: {},
  async run(_, session) {
    const address = `KeystoreResources('system')${query({ retrieveBackup: 'true', ...shown })}`
    showOutcomes(session, await session.api().write('PUT', address, {}))
  },
})

export const keyActivate = declareCommand({
  name: 'key activate',
  summary: 'Puts a new key of the system in the place of the present one, which goes to the history.',
  examples: [{ line: 'key activate', words: `Activates the new ${systemAlias}.` }],
  positionals: {},
  flags: { alias: text({ label: 'alias', help: 'Alias of the key.', default: systemAlias }) },
  async run({ alias }, { api, output }) {
    await api().write('DELETE', entryAddress(alias) + query({ keystoreName: 'KeyRenewal', activate: 'true' }))
    output.result({ alias, done: 'activated' }, `activated  ${alias}`)
  },
})

export const keyHistory = declareCommand({
  name: 'key history',
  summary: 'Lists the keys of the system that were replaced, or makes one of them a new key again.',
  examples: [
    { line: 'key history', words: 'Lists them.' },
    { line: `key history --restore ${systemAlias}_1`, words: 'Makes it a new key, to be activated.' },
  ],
  positionals: {},
  flags: { restore: text({ label: 'alias', help: 'Alias in the history.', default: '' }) },
  async run({ restore }, session) {
    const { api, output } = session
    if (restore !== '') {
      const found = (await api().list('HistoryKeystoreEntries')).find((each) => textOf(each, 'Alias') === restore)
      if (found === undefined) throw faults.entryUnknown({ what: 'key', wanted: restore, list: 'key history' })
      const address = entity`HistoryKeystoreEntries(${textOf(found, 'Hexalias')})`
      await api().write('PUT', address + query({ copy: 'true' }), {})
      return output.result({ alias: restore, done: 'restored' }, `restored  ${restore}`)
    }
    const columns = [
      { property: 'Alias', title: 'Alias' },
      { property: 'ValidNotAfter', title: 'Valid to', as: 'time' },
      { property: 'SerialNumber', title: 'Serial number' },
      { property: 'FingerprintSha256', title: 'SHA-256' },
    ] as const
    showEntities(session, await api().list('HistoryKeystoreEntries'), columns, 'No key was replaced yet.')
  },
})
