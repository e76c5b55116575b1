import {
  type CallBody,
  type FunctionImport,
  type PrimitiveProperty,
  readBody,
  type Reply,
  type Row,
  text,
} from '../odata/index.ts'
import type { KnownHostsChanges, PgpExportFormat, PgpImportMode, PgpImportResult } from '../secrets/index.ts'
import { faults } from './faults.ts'
import { roles } from './roles.ts'
import { bytesOf, requireTexts, textOf } from './row-values.ts'
import type { Call, Services } from './services.ts'
import { knownHostRow } from './sets/known-hosts.ts'
import { authorizeOAuth2AuthorizationCode } from './sets/oauth2-authorization-codes.ts'

/** The function imports of security material: what no create or update of an entity says. */
export const secretsFunctions = (services: Services): readonly FunctionImport<Call>[] => [
  authorizeOAuth2AuthorizationCode(services),
  ...knownHostsFunctions(services),
  ...pgpFunctions(services),
]

const json = (value: unknown): Reply => ({
  document: { content: JSON.stringify(value), contentType: 'application/json' },
})

const shownChanges = (changes: KnownHostsChanges | undefined): Reply =>
  json({
    Id: changes?.id ?? null,
    ProposedBy: changes?.by ?? null,
    ProposedAt: changes === undefined ? null : new Date(changes.at).toISOString(),
    Added: changes?.added.map(knownHostRow) ?? [],
    Removed: changes?.removed.map(knownHostRow) ?? [],
    Kept: changes?.kept ?? 0,
  })

function knownHostsFunctions({ secrets }: Services): readonly FunctionImport<Call>[] {
  const { knownHosts } = secrets
  const read = { method: 'GET', status: 200, requires: roles.readSecurityMaterial, parameters: [] } as const
  const decide = { method: 'POST', status: 202, requires: roles.editSecurityMaterial, parameters: ['Id'] } as const
  return [
    {
      name: 'ImportKnownHosts',
      method: 'POST',
      status: 200,
      requires: roles.editSecurityMaterial,
      parameters: [],
      run: async (_, { caller }, { content }) =>
        shownChanges(await knownHosts.propose(content.toString('utf8'), caller.name)),
    },
    {
      ...read,
      name: 'ReviewKnownHosts',
      run: async () => {
        await secrets.reload()
        return shownChanges(knownHosts.changes())
      },
    },
    {
      ...read,
      name: 'DownloadKnownHosts',
      run: async () => {
        await secrets.reload()
        const content = knownHosts.text()
        return { document: { content, contentType: 'text/plain; charset=utf-8', fileName: 'known.hosts' } }
      },
    },
    {
      ...decide,
      name: 'ApproveKnownHosts',
      run: async ({ Id = '' }, { caller }) => {
        await knownHosts.approve(Id, caller.name)
        return {}
      },
    },
    {
      ...decide,
      name: 'DiscardKnownHosts',
      run: async ({ Id = '' }, { caller }) => {
        await knownHosts.discard(Id, caller.name)
        return {}
      },
    },
  ]
}

const shownResults = (results: readonly PgpImportResult[]): Reply =>
  json(
    results.map(({ keyId, userId, outcome, reason }) => ({
      KeyId: keyId,
      UserId: userId,
      Outcome: outcome,
      Reason: reason,
    })),
  )

function pgpFunctions({ secrets }: Services): readonly FunctionImport<Call>[] {
  const { pgp } = secrets
  const edit = { method: 'POST', status: 200, requires: roles.editSecurityMaterial, parameters: [] } as const
  const imported = { Content: text(15_000_000), Mode: text(16) }
  const exported = { KeyId: text(16), Format: text(3) }
  return [
    {
      ...edit,
      name: 'ImportPgpPublicKeys',
      run: async (_, { caller }, body) => {
        const given = bodyOf(body, 'ImportPgpPublicKeys', imported)
        return shownResults(await pgp.importPublic(contentOf(given), modeOf(given), caller.name))
      },
    },
    {
      ...edit,
      name: 'ImportPgpSecretKeys',
      run: async (_, { caller }, body) => {
        const given = bodyOf(body, 'ImportPgpSecretKeys', { ...imported, Passphrase: text(1024) })
        const secret = { content: contentOf(given), mode: modeOf(given), passphrase: textOf(given, 'Passphrase') }
        return shownResults(await pgp.importSecret(secret, caller.name))
      },
    },
    {
      ...edit,
      name: 'ExportPgpPublicKeys',
      requires: roles.readSecurityMaterial,
      run: async (_, _call, body) => {
        const given = bodyOf(body, 'ExportPgpPublicKeys', exported)
        const format = formatOf(given)
        return download(await pgp.exportPublic({ type: 'public', ...keyOf(given), format }), 'public', format)
      },
    },
    {
      ...edit,
      name: 'ExportPgpSecretKeys',
      requires: roles.downloadSecretKeys,
      run: async (_, { caller }, body) => {
        const given = bodyOf(body, 'ExportPgpSecretKeys', { ...exported, Passphrase: text(1024) })
        requireTexts(given, ['Passphrase'])
        const format = formatOf(given)
        const asked = { ...keyOf(given), passphrase: textOf(given, 'Passphrase'), format }
        return download(await pgp.exportSecret(asked, caller.name), 'secret', format)
      },
    },
  ]
}

const bodyOf = (
  { content, contentType }: CallBody,
  name: string,
  properties: Readonly<Record<string, PrimitiveProperty>>,
): Row => readBody(content, contentType || undefined, { name, key: [], properties })

/** @throws api.propertyMissing, api.contentInvalid */
function contentOf(given: Row): Buffer {
  requireTexts(given, ['Content'])
  return bytesOf(given, 'Content') ?? Buffer.alloc(0)
}

/** @throws api.choiceInvalid */
function modeOf(given: Row): PgpImportMode {
  const mode = textOf(given, 'Mode') || 'add'
  if (mode !== 'add' && mode !== 'overwrite' && mode !== 'replace')
    throw faults.choiceInvalid({ property: 'Mode', choices: ['add', 'overwrite', 'replace'] })
  return mode
}

/** @throws api.choiceInvalid */
function formatOf(given: Row): PgpExportFormat {
  const format = textOf(given, 'Format') || 'asc'
  if (format !== 'asc' && format !== 'gpg') throw faults.choiceInvalid({ property: 'Format', choices: ['asc', 'gpg'] })
  return format
}

const keyOf = (given: Row): { readonly keyId?: string } => {
  const keyId = textOf(given, 'KeyId')
  return keyId === '' ? {} : { keyId }
}

const download = (content: Buffer, ring: string, format: PgpExportFormat): Reply => ({
  document: {
    content,
    contentType: format === 'asc' ? 'application/pgp-keys' : 'application/octet-stream',
    fileName: `${ring}-keys.${format}`,
  },
})
