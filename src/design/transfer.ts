import type { Clock } from '../base/index.ts'
import { type ContentPackage, type PackageArtifact, readPackage, writeBundle } from '../flow/index.ts'
import { factsOf } from './artifacts.ts'
import { faults } from './faults.ts'
import type { createPackages, PackageFields } from './packages.ts'
import type { DesignStore, IntegrationPackage } from './ports.ts'
import { draft } from './version.ts'
import { writePackage } from './write-package.ts'

/** Whole packages out of a tenant and into it. */
export function createTransfer(given: {
  readonly store: DesignStore
  readonly clock: Clock
  readonly packages: ReturnType<typeof createPackages>
}) {
  const { store, clock, packages } = given

  return {
    /** The package as a zip. @throws design.packageMissing, design.draftInPackage */
    async exportPackage(id: string): Promise<Buffer> {
      const value = await packages.get(id)
      const artifacts = await store.artifacts({ packageId: id })
      const drafts = artifacts.filter(({ version }) => version === draft).map((artifact) => artifact.id)
      if (drafts.length > 0) throw faults.draftInPackage({ ids: drafts })
      const contents = await Promise.all(
        artifacts.map(async (artifact) => {
          const zip = await store.content(artifact.id)
          return zip ? [{ ...artifact, zip }] : []
        }),
      )
      return writePackage(value, contents.flat())
    },

    /**
     * Imports an exported package with its artifacts. Everything is read and checked before anything is written;
     * `overwrite` updates a package that is there, artifact by artifact, and keeps those that the export lacks.
     * @throws flow.packageInvalid, design.packageInvalid, design.packageExists, design.packageReadOnly,
     * design.artifactExists, and what reading the bundles finds
     */
    async importPackage(
      zip: Buffer,
      { overwrite, by }: { readonly overwrite: boolean; readonly by: string },
    ): Promise<IntegrationPackage> {
      const given = await readPackage(zip)
      const { id } = given
      const existing = await packages.find(id)
      if (existing && !overwrite) throw faults.packageExists({ id })
      for (const { bundle } of given.artifacts) {
        const taken = await store.artifact(bundle.id)
        if (taken && taken.packageId !== id) throw faults.artifactExists({ id: bundle.id, packageId: taken.packageId })
      }
      if (existing) await packages.update(id, fieldsOf(given), by)
      else await packages.create({ id, ...fieldsOf(given) }, by)
      for (const artifact of given.artifacts) await put(id, artifact, by)
      return packages.get(id)
    },
  }

  async function put(packageId: string, { bundle, attributes, content }: PackageArtifact, by: string) {
    const zip = content ?? (await writeBundle(bundle))
    const facts = factsOf(bundle)
    const current = await store.artifact(bundle.id)
    const now = clock.now()
    const value = {
      ...(current ?? { createdBy: by, createdAt: now }),
      ...facts,
      description: attributes.get('Description')?.[0] || facts.description,
      packageId,
      modifiedBy: by,
      modifiedAt: now,
    }
    const saved = current ? await store.updateArtifact(value, zip) : await store.insertArtifact(value, zip)
    if (!saved) throw faults.artifactExists({ id: bundle.id, packageId })
  }
}

function fieldsOf({ id, name, version, vendor, shortText, description, attributes }: ContentPackage): PackageFields {
  const joined = (attribute: string) => (attributes.get(attribute) ?? []).join(',')
  return {
    name: name || id,
    description,
    shortText: shortText || name || id,
    version: version || '1.0.0',
    vendor,
    supportedPlatform: joined('SupportedPlatform') || 'SAP Cloud Integration',
    products: joined('Product'),
    keywords: joined('Keyword'),
    countries: joined('Country'),
    industries: joined('Industries'),
    lineOfBusiness: joined('LineOfBusiness'),
  }
}
