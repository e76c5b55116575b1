import { flag, text } from '../../fields/index.ts'
import { literal, query } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { faults } from '../faults.ts'
import { readBytes, requireNew, writeNew } from '../files.ts'
import { promptSecret } from '../prompt-secret.ts'
import { table } from '../table.ts'

interface Broken {
  readonly store: string
  readonly kind: string
  readonly id: string
  readonly why: string
}

const brokenTable = (broken: readonly Broken[]): readonly string[] =>
  broken.length === 0
    ? []
    : [
        table(
          ['Store', 'Kind', 'Id', 'Why'],
          broken.map(({ store, kind, id, why }) => [store, kind, id, why]),
        ),
      ]

const stateWords: Readonly<Record<string, string>> = {
  done: 'Everything is sealed under the new key, and the old one is gone.',
  waiting: 'Messages sealed under the old key are still on their way; the server goes on by itself.',
  blocked: 'The old key stays until these values are entered again or removed; then rotate again.',
}

export const keysRotate = declareCommand({
  name: 'keys rotate',
  summary:
    'Gives the tenant a new key and seals everything under it, or replaces the master key or the key that signs tokens, while flows run.',
  examples: [
    { line: 'keys rotate', words: 'A new key of the tenant. One that was cut off goes on.' },
    { line: 'keys rotate --master', words: 'A new master key, under which the keys of all tenants are sealed.' },
    { line: 'keys rotate --tokens', words: 'A new key for tokens, published now and used in an hour.' },
    { line: 'keys rotate --tokens --urgent', words: 'It signs at once, and no token issued before counts any more.' },
  ],
  positionals: {},
  flags: {
    master: flag({ label: 'master', help: 'Replace the master key instead.', default: false }),
    tokens: flag({ label: 'tokens', help: 'Replace the key that signs tokens instead.', default: false }),
    urgent: flag({ label: 'urgent', help: 'With --tokens: end all tokens that were issued.', default: false }),
  },
  async run({ master, tokens, urgent }, { api, output }) {
    const problems = [
      ...(master && tokens ? ['--master and --tokens exclude each other'] : []),
      ...(urgent && !tokens ? ['--urgent goes with --tokens'] : []),
    ]
    if (problems.length > 0) throw faults.usage({ problems, command: 'keys rotate' })
    if (tokens) {
      const options = query({ Urgent: urgent ? literal('true') : undefined })
      const rotated = JSON.parse((await api().invoke(`RotateTokenKey${options}`)).toString()) as {
        readonly kid: string
      }
      const when = urgent ? 'It signs from now on; no other token counts.' : 'It signs in an hour.'
      output.result({ ...rotated, done: 'rotated' }, `rotated  token key ${rotated.kid}. ${when}`)
      return 0
    }
    if (master) {
      await api().invoke('RotateMasterKey')
      output.result({ done: 'rotated' }, 'rotated  master key. Backups of its file are of no use any more.')
      return 0
    }
    const rotated = JSON.parse((await api().invoke('RotateTenantKey')).toString()) as {
      readonly state: string
      readonly resealed: number
      readonly broken: readonly Broken[]
    }
    const { state, resealed, broken } = rotated
    const first = `${output.tone(state, state === 'blocked' ? 'bad' : 'good')}  ${resealed} values sealed anew`
    output.result(rotated, [first, stateWords[state] ?? '', ...brokenTable(broken)].join('\n'))
    return state === 'blocked' ? 1 : 0
  },
})

export const keysVerify = declareCommand({
  name: 'keys verify',
  summary: 'Opens everything that is sealed once, and names what cannot be opened. Exit code 1: there is such a thing.',
  examples: [{ line: 'keys verify', words: 'After a fault of a disk, or before a backup.' }],
  positionals: {},
  flags: {},
  async run(_, { api, output }) {
    const verified = JSON.parse((await api().document('VerifySeals')).toString()) as {
      readonly ok: boolean
      readonly opened: number
      readonly broken: readonly Broken[]
    }
    const { ok, opened, broken } = verified
    const verdict = ok ? output.tone('whole', 'good') : output.tone(`${broken.length} broken`, 'bad')
    output.result(verified, [`${verdict}  ${opened} values opened`, ...brokenTable(broken)].join('\n'))
    return ok ? 0 : 1
  },
})

export const backup = declareCommand({
  name: 'backup',
  summary:
    'Writes keys, credentials, callers, flows and variables into an encrypted file. Logs are not in it. The passphrase comes from a prompt or standard input.',
  examples: [
    { line: 'backup --out sluice.backup', words: 'Asks for the passphrase; without it the file is of no use.' },
  ],
  positionals: {},
  flags: { out: text({ label: 'file', help: 'New file.' }) },
  letters: { o: 'out' },
  async run({ out }, session) {
    const { api, output, input, err } = session
    requireNew(session, out)
    const content = await api().invoke('CreateBackup', { Passphrase: await promptSecret('Passphrase', input, err) })
    writeNew(session, out, content, true)
    output.result({ file: out, bytes: content.length }, `written  ${out}  ${content.length} bytes`)
  },
})

export const restore = declareCommand({
  name: 'restore',
  summary:
    'Puts a backup into the running installation, all of it or nothing. The passphrase comes from a prompt or standard input. Restart the server after that.',
  examples: [
    { line: 'restore sluice.backup', words: 'Into a new installation.' },
    { line: 'restore sluice.backup --replace default', words: 'In the place of all that the tenant default holds.' },
  ],
  positionals: { file: text({ label: 'file', help: 'What `sluice backup` wrote.' }) },
  flags: {
    replace: text({ label: 'tenant', help: 'Name of the tenant whose content is to be replaced.', default: '' }),
  },
  async run({ file, replace }, session) {
    const { api, output, input, err } = session
    const content = await readBytes(session, file, 'backup')
    const passphrase = encodeURIComponent(await promptSecret('Passphrase', input, err))
    const address = `RestoreBackup${query({ Replace: replace === '' ? undefined : literal(replace) })}`
    const answer = await api().invoke(address, content, { 'x-backup-passphrase': passphrase })
    const restored = JSON.parse(answer.toString()) as { readonly created: string; readonly rows: number }
    const words = `restored  ${restored.rows} rows of ${restored.created}\nRestart the server now. Callers and certificates are those of the backup.`
    output.result(restored, words)
  },
})

export const secretsFingerprints = declareCommand({
  name: 'secrets fingerprints',
  summary:
    'Shows a fingerprint of each credential and private key. Two installations that are given the same phrase show the same for the same secret. The phrase comes from a prompt or standard input.',
  examples: [{ line: 'secrets fingerprints', words: 'Compare with what the other installation shows.' }],
  positionals: {},
  flags: {},
  async run(_, { api, output, input, err }) {
    const Phrase = await promptSecret('Comparison phrase', input, err)
    const found = JSON.parse((await api().invoke('SecretFingerprints', { Phrase })).toString()) as readonly {
      readonly type: string
      readonly name: string
      readonly field: string
      readonly fingerprint: string | null
    }[]
    const rows = found.map(({ type, name, field, fingerprint }) => [
      type,
      name,
      field,
      fingerprint ?? 'cannot be opened',
    ])
    output.result(
      found,
      rows.length === 0 ? 'There are no secrets.' : table(['Type', 'Name', 'Secret', 'Fingerprint'], rows),
    )
  },
})
