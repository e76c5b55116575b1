import type { BundleType } from '../flow/index.ts'

export interface IntegrationPackage {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly shortText: string
  readonly version: string
  readonly vendor: string
  readonly mode: 'EDIT_ALLOWED' | 'READ_ONLY'
  readonly supportedPlatform: string
  readonly products: string
  readonly keywords: string
  readonly countries: string
  readonly industries: string
  readonly lineOfBusiness: string
  readonly createdBy: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly modifiedBy: string
  readonly modifiedAt: number
}

/** An artifact of the design time: a bundle in a package, with what its manifest says repeated for lists. */
export interface Artifact {
  readonly id: string
  readonly type: BundleType
  readonly packageId: string
  readonly name: string
  readonly description: string
  readonly version: string
  readonly sender: string
  readonly receiver: string
  readonly createdBy: string
  readonly createdAt: number
  readonly modifiedBy: string
  readonly modifiedAt: number
}

/** What the design time needs of a database. One tenant. */
export interface DesignStore {
  readonly packages: () => Promise<readonly IntegrationPackage[]>
  readonly package: (id: string) => Promise<IntegrationPackage | undefined>
  /** False when the id is taken. */
  readonly insertPackage: (value: IntegrationPackage) => Promise<boolean>
  readonly updatePackage: (value: IntegrationPackage) => Promise<boolean>
  /** Deletes the package and its artifacts. */
  readonly deletePackage: (id: string) => Promise<boolean>
  readonly artifacts: (given: {
    readonly packageId?: string
    readonly type?: BundleType
  }) => Promise<readonly Artifact[]>
  readonly artifact: (id: string) => Promise<Artifact | undefined>
  /** The bundle as a zip. */
  readonly content: (id: string) => Promise<Buffer | undefined>
  /** False when the id is taken in the tenant. */
  readonly insertArtifact: (value: Artifact, content: Buffer) => Promise<boolean>
  readonly updateArtifact: (value: Artifact, content: Buffer) => Promise<boolean>
  readonly deleteArtifact: (id: string) => Promise<boolean>
}
