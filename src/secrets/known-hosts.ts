import { randomUUID } from 'node:crypto'

import type { Clock } from '../base/index.ts'
import type { Draft, RecordsInMemory } from '../records/index.ts'
import type { AuditPort } from './contracts.ts'
import { faults } from './faults.ts'
import { fingerprintOf, isAbout, type KnownHostLine, lineId, lineText, readKnownHosts } from './known-hosts-file.ts'
import { type KnownHostsRecord, knownHostsName, type SecretKinds } from './records.ts'

export interface ShownKnownHost extends KnownHostLine {
  readonly id: string
  readonly fingerprint: string
}

/** What an import would change. */
export interface KnownHostsChanges {
  readonly id: string
  readonly by: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly added: readonly ShownKnownHost[]
  readonly removed: readonly ShownKnownHost[]
  readonly kept: number
}

/** A host key that is trusted, or that is not any more. */
export interface HostKeyFound {
  readonly algorithm: string
  /** Base64. */
  readonly key: string
  readonly fingerprint: string
  readonly revoked: boolean
  readonly certificateAuthority: boolean
}

export interface KnownHosts {
  readonly list: () => readonly ShownKnownHost[]
  /** Adds lines to those that are there. @throws secrets.knownHostsInvalid, secrets.knownHostTaken */
  readonly add: (lines: string, by: string) => Promise<readonly ShownKnownHost[]>
  /** @throws secrets.knownHostMissing */
  readonly remove: (id: string, by: string) => Promise<void>
  /** Takes a file that is to replace all lines; it counts once it is approved. @throws secrets.knownHostsInvalid */
  readonly propose: (file: string, by: string) => Promise<KnownHostsChanges>
  /** What waits for approval. */
  readonly changes: () => KnownHostsChanges | undefined
  /** @throws secrets.proposalMissing, also where the lines changed since */
  readonly approve: (id: string, by: string) => Promise<void>
  /** @throws secrets.proposalMissing */
  readonly discard: (id: string, by: string) => Promise<void>
  /** The keys of a host at a port. */
  readonly find: (host: string, port: number) => readonly HostKeyFound[]
  /** The lines in the form of OpenSSH. */
  readonly text: () => string
}

const shownOf = (line: KnownHostLine): ShownKnownHost => ({
  ...line,
  id: lineId(line),
  fingerprint: fingerprintOf(line),
})

/** The hosts that flows reach by SSH, by their keys. */
export function createKnownHosts(given: {
  readonly records: RecordsInMemory<SecretKinds, unknown>
  readonly clock: Clock
  readonly audit: AuditPort
}): KnownHosts {
  const { records, clock, audit } = given
  const current = (view: Pick<Draft<SecretKinds>, 'of'> = records.view()) => view.of('knownHosts').get(knownHostsName)
  const linesNow = () => current()?.lines ?? []

  function read(file: string): readonly KnownHostLine[] {
    const { lines, problems } = readKnownHosts(file)
    if (problems.length > 0) throw faults.knownHostsInvalid({ problems })
    if (lines.length === 0) throw faults.knownHostsInvalid({ problems: ['there is no line with a host key'] })
    return lines
  }

  function put(draft: Draft<SecretKinds>, by: string, members: Pick<KnownHostsRecord, 'lines' | 'proposal'>): void {
    const at = clock.now()
    const { createdBy = by, createdAt = at } = current(draft) ?? {}
    draft.put('knownHosts', { name: knownHostsName, createdBy, createdAt, modifiedBy: by, modifiedAt: at, ...members })
  }

  const note = (action: string, by: string, lines: readonly KnownHostLine[] = []) =>
    audit.record({
      action,
      objectType: 'KnownHosts',
      objectId: knownHostsName,
      attributes: {
        by,
        lines: lines
          .map((line) => `${line.hosts} ${fingerprintOf(line)}`)
          .join('; ')
          .slice(0, 4000),
      },
    })

  function changesOf(record: KnownHostsRecord | undefined): KnownHostsChanges | undefined {
    if (record?.proposal === undefined) return undefined
    const { id, by, at, lines } = record.proposal
    const before = new Set(record.lines.map(lineId))
    const after = new Set(lines.map(lineId))
    const added = lines.filter((line) => !before.has(lineId(line)))
    const removed = record.lines.filter((line) => !after.has(lineId(line)))
    return { id, by, at, added: added.map(shownOf), removed: removed.map(shownOf), kept: lines.length - added.length }
  }

  function proposalOf(draft: Draft<SecretKinds>, id: string) {
    const record = current(draft)
    if (record?.proposal === undefined || record.proposal.id !== id) throw faults.proposalMissing()
    return { record, proposal: record.proposal }
  }

  return {
    list: () => linesNow().map(shownOf),
    add: async (text, by) => {
      const lines = read(text)
      await records.change((draft) => {
        const record = current(draft)
        const before = record?.lines ?? []
        const known = new Set(before.map(lineId))
        for (const line of lines) if (known.has(lineId(line))) throw faults.knownHostTaken({ line: lineText(line) })
        // What waits for approval was compared with other lines than these.
        put(draft, by, { lines: [...before, ...lines] })
      })
      await note('add', by, lines)
      return lines.map(shownOf)
    },
    remove: async (id, by) => {
      const removed = await records.change((draft) => {
        const lines = current(draft)?.lines ?? []
        const line = lines.find((each) => lineId(each) === id)
        if (line === undefined) throw faults.knownHostMissing({ id })
        put(draft, by, { lines: lines.filter((each) => each !== line) })
        return line
      })
      await note('delete', by, [removed])
    },
    propose: async (file, by) => {
      const proposal = { id: randomUUID(), lines: read(file), by, at: clock.now() }
      await records.change((draft) => put(draft, by, { lines: current(draft)?.lines ?? [], proposal }))
      await note('propose', by, proposal.lines)
      return changesOf(current()) ?? { id: proposal.id, by, at: proposal.at, added: [], removed: [], kept: 0 }
    },
    changes: () => changesOf(current()),
    approve: async (id, by) => {
      const lines = await records.change((draft) => {
        const { proposal } = proposalOf(draft, id)
        put(draft, by, { lines: proposal.lines })
        return proposal.lines
      })
      await note('approve', by, lines)
    },
    discard: async (id, by) => {
      await records.change((draft) => {
        const { record } = proposalOf(draft, id)
        put(draft, by, { lines: record.lines })
      })
      await note('discard', by)
    },
    find: (host, port) =>
      linesNow()
        .filter((line) => isAbout(line, host, port))
        .map((line) => ({
          algorithm: line.algorithm,
          key: line.key,
          fingerprint: fingerprintOf(line),
          revoked: line.marker === '@revoked',
          certificateAuthority: line.marker === '@cert-authority',
        })),
    text: () =>
      linesNow()
        .map((line) => `${lineText(line)}\n`)
        .join(''),
  }
}
