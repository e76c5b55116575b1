import { Fault } from '../base/index.ts'
import { comparisonKey, type Keystore, secretFingerprint } from '../keystore/index.ts'
import { type CallBody, type FunctionImport, readBody, type Reply, type Row, text } from '../odata/index.ts'
import type { Secrets } from '../secrets/index.ts'
import { faults } from './faults.ts'
import { roles } from './roles.ts'
import { requireTexts, textOf } from './row-values.ts'
import type { Call, Services } from './services.ts'

const shortestPassphrase = 12
const passphraseHeader = 'x-backup-passphrase'

/** The vault: rotation, verification, backups, and fingerprints by which installations compare secrets. */
export function vaultFunctions({
  vault,
  rotateTokenKey,
  audit,
  keystore,
  secrets,
}: Services): readonly FunctionImport<Call>[] {
  const post = { method: 'POST', status: 200, requires: roles.vault, parameters: [] } as const
  const record = (action: 'Change' | 'Read' | 'Test', objectId: string, attributes: Readonly<Record<string, string>>) =>
    audit.record({ action, objectType: 'Vault', objectId, attributes })

  return [
    {
      ...post,
      name: 'RotateTenantKey',
      run: async () => {
        const { state, resealed, broken } = await vault.rotateTenantKey()
        await record('Change', 'tenant key', { what: 'rotated', state, resealed: String(resealed) })
        return json({ state, resealed, broken })
      },
    },
    {
      ...post,
      name: 'RotateMasterKey',
      run: async () => {
        await vault.rotateMasterKey()
        await record('Change', 'master key', { what: 'rotated' })
        return json({ state: 'done' })
      },
    },
    {
      ...post,
      name: 'RotateTokenKey',
      parameters: ['Urgent?'],
      run: async ({ Urgent }) => {
        const urgent = Urgent === 'true'
        const kid = await rotateTokenKey(urgent)
        await record('Change', 'token key', { what: 'rotated', kid, urgent: String(urgent) })
        return json({ kid, urgent })
      },
    },
    {
      ...post,
      name: 'VerifySeals',
      method: 'GET',
      run: async () => {
        const { opened, broken } = await vault.verify()
        await record('Test', 'seals', { opened: String(opened), broken: String(broken.length) })
        return json({ ok: broken.length === 0, opened, broken })
      },
    },
    {
      ...post,
      name: 'CreateBackup',
      run: async (_, _call, body) => {
        const passphrase = fitPassphrase(textOf(bodyOf(body, 'CreateBackup', 'Passphrase'), 'Passphrase'))
        const content = await vault.backup(passphrase)
        await record('Read', 'backup', { what: 'created', bytes: String(content.length) })
        return { document: { content, contentType: 'application/octet-stream', fileName: 'sluice.backup' } }
      },
    },
    {
      ...post,
      name: 'RestoreBackup',
      parameters: ['Replace?'],
      run: async ({ Replace }, { headers }, { content }) => {
        const passphrase = fitPassphrase(decoded(headers[passphraseHeader] ?? ''))
        const replace = Replace !== undefined && { replace: Replace }
        const { created, rows } = await vault.restore({ file: content, passphrase, ...replace })
        const made = new Date(created).toISOString()
        await record('Change', 'backup', { what: 'restored', made, rows: String(rows) })
        return json({ created: made, rows, restart: true })
      },
    },
    {
      ...post,
      name: 'SecretFingerprints',
      run: async (_, _call, body) => {
        const phrase = bodyOf(body, 'SecretFingerprints', 'Phrase')
        requireTexts(phrase, ['Phrase'])
        const key = await comparisonKey(textOf(phrase, 'Phrase'))
        const found = [...fingerprintsOfMaterials(secrets, key), ...(await fingerprintsOfKeys(keystore, key))]
        await record('Read', 'fingerprints', { secrets: String(found.length) })
        return json(found)
      },
    },
  ]
}

const json = (value: unknown): Reply => ({
  document: { content: JSON.stringify(value), contentType: 'application/json' },
})

const bodyOf = ({ content, contentType }: CallBody, name: string, property: string): Row =>
  readBody(content, contentType || undefined, { name, key: [], properties: { [property]: text(1024) } })

/** @throws api.passphraseShort */
function fitPassphrase(passphrase: string): string {
  if (passphrase.length < shortestPassphrase) throw faults.passphraseShort({ least: shortestPassphrase })
  return passphrase
}

/** A header holds no letters beyond ASCII, so it is percent-encoded; what is not is refused. */
function decoded(header: string): string {
  try {
    return decodeURIComponent(header)
  } catch {
    return ''
  }
}

interface Fingerprint {
  readonly type: string
  readonly name: string
  /** Which secret of it. */
  readonly field: string
  /** Null for what cannot be opened. */
  readonly fingerprint: string | null
}

const ofText = (key: Buffer, plain: string): string => secretFingerprint(key, Buffer.from(plain))

function fingerprintsOfMaterials({ materials }: Pick<Secrets, 'materials'>, key: Buffer): readonly Fingerprint[] {
  return materials.list().flatMap(({ type, name }): readonly Fingerprint[] => {
    try {
      const { secret } = materials.lend(type, name)
      return Object.entries(secret)
        .filter(([, value]) => value !== '')
        .map(([field, value]) => ({ type, name, field, fingerprint: ofText(key, value) }))
    } catch (thrown) {
      return [{ type, name, field: '', fingerprint: unopened(thrown) }]
    }
  })
}

async function fingerprintsOfKeys(keystore: Keystore, key: Buffer): Promise<readonly Fingerprint[]> {
  const found: Fingerprint[] = []
  for (const { alias, type } of await keystore.list()) {
    if (type === 'certificate') continue
    const named = { type: 'KeyPair', name: alias, field: 'privateKey' }
    try {
      const der = (await keystore.lend(alias)).key.export({ type: 'pkcs8', format: 'der' })
      found.push({ ...named, fingerprint: secretFingerprint(key, der) })
      der.fill(0)
    } catch (thrown) {
      found.push({ ...named, fingerprint: unopened(thrown) })
    }
  }
  return found
}

/** One value that is damaged keeps nobody from comparing the others. */
function unopened(thrown: unknown): null {
  if (thrown instanceof Fault && (thrown as Fault).code === 'keystore.sealBroken') return null
  throw thrown
}
