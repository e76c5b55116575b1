import type { Clock } from '../base/index.ts'
import {
  type Capability,
  capabilityGrowth,
  type CapabilityManifest,
  type CapabilityPolicy,
  capabilityWords,
  decideCapabilities,
  fingerprintOf,
  type Problem,
  samePerson,
} from '../flow/index.ts'
import type { RecordsInMemory } from '../records/index.ts'
import type { AuditPort } from './contracts.ts'
import { faults } from './faults.ts'
import type { CapabilitiesRecord, KeptManifest, SecretKinds } from './records.ts'

/** A manifest on its way into what runs. */
export interface ManifestDeployed {
  readonly manifest: CapabilityManifest
  readonly policy: CapabilityPolicy
  readonly deployedBy: string
  /** Milliseconds since 1970. */
  readonly deployedAt: number
  /** True for a deployment that has run before: it was let in then, and is not asked again. */
  readonly started: boolean
}

/** The manifests of what is deployed, and what waits for a person to approve it. */
export interface FlowCapabilities {
  /** Ordered by artifact. */
  readonly list: () => readonly CapabilitiesRecord[]
  readonly find: (artifactId: string) => CapabilitiesRecord | undefined
  /**
   * Keeps the manifest of a deployment. One that the policy does not let in waits for approval instead.
   * @throws secrets.capabilitiesUnapproved, secrets.capabilitiesRejected
   */
  readonly admit: (deployed: ManifestDeployed) => Promise<void>
  /** @throws secrets.capabilitiesNotWaiting, secrets.capabilitiesSamePerson */
  readonly approve: (artifactId: string, fingerprint: string, by: string, policy: CapabilityPolicy) => Promise<void>
  /** Takes back approvals, too. @throws secrets.capabilitiesNotWaiting */
  readonly reject: (artifactId: string, fingerprint: string, by: string) => Promise<void>
  /** Nothing of an artifact that is undeployed is approved any more. */
  readonly forget: (artifactId: string) => Promise<void>
}

/** What a waiting version wants beyond what was let in. */
export const growthOf = ({ artifactId, admitted, waiting }: CapabilitiesRecord): readonly Capability[] =>
  waiting === undefined
    ? []
    : capabilityGrowth(admitted && manifestOf(artifactId, admitted), manifestOf(artifactId, waiting))

/** Keeps with each deployment what it may use, and lets nothing grow that the policy wants approved. */
export function createFlowCapabilities(given: {
  readonly records: RecordsInMemory<SecretKinds, unknown>
  readonly clock: Clock
  readonly audit: AuditPort
}): FlowCapabilities {
  const { records, clock, audit } = given
  const find = (artifactId: string): CapabilitiesRecord | undefined => records.view().of('capabilities').get(artifactId)

  /** Changes what waits, where it still is what the person has seen. */
  async function decide(
    { artifactId, fingerprint, by }: { readonly artifactId: string; readonly fingerprint: string; readonly by: string },
    action: 'approve' | 'reject',
    change: (waiting: NonNullable<CapabilitiesRecord['waiting']>) => NonNullable<CapabilitiesRecord['waiting']>,
  ): Promise<void> {
    const record = await records.change((draft) => {
      const before = draft.of('capabilities').get(artifactId)
      if (before?.waiting?.fingerprint !== fingerprint) throw faults.capabilitiesNotWaiting({ artifact: artifactId })
      return draft.put('capabilities', { ...before, waiting: change(before.waiting) })
    })
    await audit.record({
      action,
      objectType: 'FlowCapabilities',
      objectId: artifactId,
      attributes: {
        by,
        fingerprint,
        deployedBy: record.waiting?.deployedBy ?? '',
        growth: wordsOf(growthOf(record)),
      },
    })
  }

  return {
    list: () => [...records.view().of('capabilities').values()].sort((a, b) => (a.artifactId < b.artifactId ? -1 : 1)),
    find,
    async admit({ manifest, policy, deployedBy, deployedAt, started }) {
      const { flowId: artifactId, capabilities } = manifest
      const fingerprint = fingerprintOf(manifest)
      const kept: KeptManifest = { fingerprint, capabilities, deployedBy, deployedAt }
      const refused = await records.change((draft) => {
        const { admitted, waiting } = draft.of('capabilities').get(artifactId) ?? {}
        const { approvals = [], rejection } = waiting?.fingerprint === fingerprint ? waiting : {}
        const before = admitted && manifestOf(artifactId, admitted)
        const decision = decideCapabilities({ policy, before, after: manifest, deployedBy, approvals })
        if (!started && !decision.allowed) {
          const waits = { ...kept, approvals, ...(rejection && { rejection }) }
          draft.put('capabilities', { artifactId, ...(admitted && { admitted }), waiting: waits })
          return { growth: decision.growth, rejection }
        }
        const same = admitted?.fingerprint === fingerprint
        if (same && admitted.deployedAt === deployedAt && waiting === undefined) return undefined
        const approved = decision.allowed ? decision.approvedBy : []
        const approvedBy = same && approved.length === 0 ? admitted.approvedBy : approved
        draft.put('capabilities', { artifactId, admitted: { ...kept, approvedBy } })
        return undefined
      })
      if (refused === undefined) return
      const { growth, rejection } = refused
      const problems = growth.map((each) => problemOf(artifactId, each, rejection?.by))
      const words = { artifact: artifactId, growth: wordsOf(growth), problems }
      if (rejection !== undefined) throw faults.capabilitiesRejected({ ...words, by: rejection.by })
      throw faults.capabilitiesUnapproved(words)
    },
    approve: (artifactId, fingerprint, by, policy) =>
      decide({ artifactId, fingerprint, by }, 'approve', (waiting) => {
        const { capabilities, deployedBy, deployedAt, approvals } = waiting
        if (policy === 'fourEyes' && samePerson(by, deployedBy))
          throw faults.capabilitiesSamePerson({ artifact: artifactId, by })
        const approval = { fingerprint, by, at: clock.now() }
        return { fingerprint, capabilities, deployedBy, deployedAt, approvals: [...approvals, approval] }
      }),
    reject: (artifactId, fingerprint, by) =>
      decide({ artifactId, fingerprint, by }, 'reject', (waiting) => ({
        ...waiting,
        approvals: [],
        rejection: { by, at: clock.now() },
      })),
    async forget(artifactId) {
      if (find(artifactId) === undefined) return
      await records.change((draft) => {
        if (draft.of('capabilities').has(artifactId)) draft.drop('capabilities', artifactId)
      })
    },
  }
}

const manifestOf = (flowId: string, { capabilities }: KeptManifest): CapabilityManifest => ({ flowId, capabilities })

const wordsOf = (growth: readonly Capability[]): string => growth.map(capabilityWords).join('; ')

const problemOf = (artifact: string, capability: Capability, rejectedBy: string | undefined): Problem => ({
  code: 'secrets.capabilityNew',
  message: `${rejectedBy === undefined ? 'Not approved' : `${rejectedBy} rejected it`}: ${capabilityWords(capability)}`,
  remedy: `Let somebody with the role FlowCapabilitiesApprove approve it (sluice capabilities approve ${artifact}), or leave it out.`,
  place: {},
})
