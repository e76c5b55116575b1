import type { Clock } from '../base/index.ts'
import { type Bundle, type BundleType, readBundle, writeBundle } from '../flow/index.ts'
import { faults } from './faults.ts'
import { createTurns } from './in-turn.ts'
import { idProblem } from './names.ts'
import { newArtifact } from './new-artifact.ts'
import type { createPackages } from './packages.ts'
import type { Artifact, DesignStore } from './ports.ts'
import { checkNextVersion, draft, isCurrent } from './version.ts'

/** Names an artifact: without a version, or with `active`, the one in the workspace now. */
export interface ArtifactRef {
  readonly id: string
  readonly type: BundleType
  readonly version?: string
}

/** The artifacts of a tenant. Whoever changes one waits for the change before. */
export function createArtifacts(given: {
  readonly store: DesignStore
  readonly clock: Clock
  readonly packages: ReturnType<typeof createPackages>
}) {
  const { store, clock, packages } = given
  const turns = createTurns()

  async function find({ id, type, version = 'active' }: ArtifactRef): Promise<Artifact | undefined> {
    const found = await store.artifact(id)
    return found && found.type === type && isCurrent(version, found.version) ? found : undefined
  }

  async function get(ref: ArtifactRef): Promise<Artifact> {
    return (await find(ref)) ?? raise(faults.artifactMissing({ id: ref.id }))
  }

  async function content(ref: ArtifactRef): Promise<Buffer> {
    await get(ref)
    return (await store.content(ref.id)) ?? raise(faults.artifactMissing({ id: ref.id }))
  }

  /** Changes an artifact and its bundle, one change after the other. */
  async function change(
    ref: ArtifactRef,
    by: string,
    edit: (current: Artifact) => Promise<{ value: Artifact; zip: Buffer }>,
  ) {
    await turns(ref.id, async () => {
      const current = await get(ref)
      await packages.getEditable(current.packageId)
      const { value, zip } = await edit(current)
      const saved = await store.updateArtifact({ ...value, modifiedBy: by, modifiedAt: clock.now() }, zip)
      if (!saved) throw faults.artifactMissing({ id: ref.id })
    })
  }

  return {
    find,
    /** @throws design.artifactMissing */
    get,
    /** The zip. @throws design.artifactMissing */
    content,
    list: store.artifacts,

    /** The bundle as read. @throws design.artifactMissing, and what reading it finds */
    bundle: async (ref: ArtifactRef): Promise<Bundle> => readBundle(await content(ref)),

    /**
     * Creates an artifact from a zip, which is given the id, or an empty one where no zip is given.
     * @throws design.artifactInvalid, design.artifactExists, design.typeDiffers, design.contentMissing,
     * design.packageMissing, design.packageReadOnly, and what reading the zip finds
     */
    async create(
      request: {
        readonly id: string
        readonly name: string
        readonly packageId: string
        readonly type: BundleType
        readonly description?: string
        readonly content?: Buffer
      },
      by: string,
    ): Promise<Artifact> {
      const { id, name, type, packageId, description } = request
      const problems = [idProblem(id), name === '' ? "Property 'Name' cannot be empty" : undefined].filter(
        (problem) => problem !== undefined,
      )
      if (problems.length > 0) throw faults.artifactInvalid({ problems })
      await packages.getEditable(packageId)
      const zip = request.content ?? (await newArtifact({ id, name, type }))
      const bundle = await readBundle(zip)
      if (bundle.type !== type) throw faults.typeDiffers({ expected: type, found: bundle.type })
      const same = bundle.id === id && bundle.name === name
      const now = clock.now()
      const value: Artifact = {
        ...factsOf(bundle),
        ...(description !== undefined && { description }),
        id,
        name,
        packageId,
        createdBy: by,
        createdAt: now,
        modifiedBy: by,
        modifiedAt: now,
      }
      if (!(await store.insertArtifact(value, same ? zip : await writeBundle(bundle, { id, name })))) {
        const taken = await store.artifact(id)
        throw faults.artifactExists({ id, packageId: taken?.packageId ?? packageId })
      }
      return value
    },

    /**
     * Replaces what is given. Content must carry the id of the artifact; its version becomes the version.
     * @throws design.artifactMissing, design.idDiffers, design.typeDiffers, design.packageReadOnly, and what reading
     * the zip finds
     */
    async update(
      ref: ArtifactRef,
      request: { readonly name?: string; readonly description?: string; readonly content?: Buffer },
      by: string,
    ): Promise<void> {
      await change(ref, by, async (current) => {
        const zip = request.content ?? (await content(ref))
        const bundle = await readBundle(zip)
        if (bundle.type !== ref.type) throw faults.typeDiffers({ expected: ref.type, found: bundle.type })
        if (bundle.id !== ref.id) throw faults.idDiffers({ id: ref.id, found: bundle.id })
        const name = request.name ?? bundle.name
        const facts = request.content ? factsOf(bundle) : current
        const value = { ...current, ...facts, name, description: request.description ?? facts.description }
        return { value, zip: name === bundle.name ? zip : await writeBundle(bundle, { name }) }
      })
    },

    /** Changes the bundle; `asDraft` marks the artifact as changed since its last version. */
    async edit(
      ref: ArtifactRef,
      by: string,
      asDraft: boolean,
      edit: (bundle: Bundle) => Promise<Buffer>,
    ): Promise<void> {
      await change(ref, by, async (current) => ({
        value: { ...current, version: asDraft ? draft : current.version },
        zip: await edit(await readBundle(await content(ref))),
      }))
    },

    /** @throws design.artifactMissing, design.versionInvalid, design.versionLower, design.packageReadOnly */
    async saveAsVersion(ref: ArtifactRef, version: string, by: string): Promise<void> {
      await change(ref, by, async (current) => {
        const bundle = await readBundle(await content(ref))
        checkNextVersion(version, bundle.version)
        return { value: { ...current, version }, zip: await writeBundle(bundle, { version }) }
      })
    },

    /** What is deployed goes on running. @throws design.artifactMissing, design.packageReadOnly */
    async remove(ref: ArtifactRef): Promise<void> {
      await turns(ref.id, async () => {
        await packages.getEditable((await get(ref)).packageId)
        if (!(await store.deleteArtifact(ref.id))) throw faults.artifactMissing({ id: ref.id })
      })
    },
  }
}

/** What lists show of a bundle. */
export function factsOf({ id, type, name, version, manifest, model }: Bundle) {
  const participants = (kind: string) =>
    (model?.participants ?? [])
      .filter((participant) => participant.type === kind)
      .map((participant) => participant.name)
      .join(',')
  return {
    id,
    type,
    name,
    version,
    description: manifest.get('Bundle-Description') ?? '',
    sender: participants('EndpointSender'),
    receiver: participants('EndpointRecevier'),
  }
}

const raise = (fault: Error): never => {
  throw fault
}
