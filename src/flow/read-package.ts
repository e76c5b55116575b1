import { Fault } from '../base/index.ts'
import { createReadBudget, type ReadBudget, readZip } from '../formats/index.ts'
import { faults } from './faults.ts'
import type { Bundle } from './model.ts'
import { bundleOfFiles, foundWords, manifestPath } from './read-bundle.ts'

/** An integration package as exported: what it is, and the artifacts it holds. */
export interface ContentPackage {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly vendor: string
  readonly shortText: string
  readonly description: string
  /** Every attribute of the package by name, as exported. */
  readonly attributes: ReadonlyMap<string, readonly string[]>
  readonly artifacts: readonly PackageArtifact[]
  /** Documents, links and whatever else is not run. */
  readonly others: readonly PackageResource[]
}

export interface PackageResource {
  /** 32 hex digits; names the entry of the zip. */
  readonly resourceId: string
  /** `IFlow`, `Url`, `File`, … */
  readonly type: string
  readonly name: string
  readonly attributes: ReadonlyMap<string, readonly string[]>
  /** Undefined for a link. */
  readonly content: Buffer | undefined
}

export interface PackageArtifact extends PackageResource {
  readonly bundle: Bundle
}

export type Content =
  | { readonly kind: 'bundle'; readonly bundle: Bundle }
  | { readonly kind: 'package'; readonly package: ContentPackage }

const artifactTypes = new Set(['IFlow', 'ScriptCollection', 'MessageMapping', 'ValueMapping'])

const directoryPath = 'resources.cnt'

/**
 * Reads a zip that is an artifact or a package. The limits hold for the package and all that is packed in it together.
 * @throws flow.contentUnknown, and what readBundle and readPackage throw
 */
export async function readAny(input: Uint8Array, budget: ReadBudget = createReadBudget()): Promise<Content> {
  const files = await readZip(input, budget)
  if (files.has(manifestPath)) return { kind: 'bundle', bundle: bundleOfFiles(files) }
  if (files.has(directoryPath)) return { kind: 'package', package: await packageOfFiles(files, budget) }
  throw faults.contentUnknown({ found: foundWords(files.keys()) })
}

/** Reads a package export. @throws flow.packageInvalid, and what readBundle throws, placed at the entry of the package */
export async function readPackage(input: Uint8Array, budget: ReadBudget = createReadBudget()): Promise<ContentPackage> {
  return packageOfFiles(await readZip(input, budget), budget)
}

async function packageOfFiles(files: ReadonlyMap<string, Buffer>, budget: ReadBudget): Promise<ContentPackage> {
  const resources = readDirectory(files)
  const packages = resources.filter(({ type }) => type === 'ContentPackage')
  const [given] = packages
  if (given === undefined || packages.length > 1)
    throw invalid(`it describes ${packages.length} packages instead of one`)
  const artifacts: PackageArtifact[] = []
  const others: PackageResource[] = []
  for (const resource of resources) {
    if (resource === given) continue
    if (!artifactTypes.has(resource.type)) others.push(resource)
    else artifacts.push({ ...resource, bundle: await readArtifact(resource, budget) })
  }
  const attribute = (name: string) => given.attributes.get(name)?.[0] ?? ''
  return {
    id: given.uniqueId,
    name: given.name,
    version: attribute('Version') || given.version,
    vendor: attribute('Vendor'),
    shortText: attribute('shortText'),
    description: attribute('Description'),
    attributes: given.attributes,
    artifacts,
    others,
  }
}

async function readArtifact({ content, resourceId, name }: PackageResource, budget: ReadBudget): Promise<Bundle> {
  const entry = `${resourceId}_content`
  if (content === undefined) throw invalid(`the content of '${name}' (${entry}) is missing`)
  try {
    return bundleOfFiles(await readZip(content, budget))
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
    const inner = thrown.place?.file
    throw thrown.at({ file: inner === undefined ? entry : `${entry}!${inner}` })
  }
}

interface DirectoryEntry extends PackageResource {
  readonly uniqueId: string
  readonly version: string
}

/** `resources.cnt`: base64 of JSON. Nothing in it is trusted to have its type. */
function readDirectory(files: ReadonlyMap<string, Buffer>): readonly DirectoryEntry[] {
  const content = files.get(directoryPath)
  if (content === undefined) throw invalid(`it has no ${directoryPath}`)
  let directory: unknown
  try {
    directory = JSON.parse(Buffer.from(content.toString('latin1'), 'base64').toString('utf8'))
  } catch (cause) {
    throw invalid(`${directoryPath} is not base64 of JSON`, cause)
  }
  const { resources } = record(directory)
  if (!Array.isArray(resources)) throw invalid(`${directoryPath} lists no resources`)
  return resources.map((resource: unknown) => {
    const { id, uniqueId, resourceType, name, displayName, semanticVersion, additionalAttributes } = record(resource)
    return {
      resourceId: text(id),
      uniqueId: text(uniqueId),
      type: text(resourceType),
      name: text(displayName) || text(name),
      version: text(semanticVersion),
      attributes: attributesOf(additionalAttributes),
      content: files.get(`${text(id)}_content`),
    }
  })
}

const attributesOf = (given: unknown): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(record(given)).map(([name, attribute]) => {
      const { attributeValues } = record(attribute)
      return [name, Array.isArray(attributeValues) ? attributeValues.map(text) : []]
    }),
  )

const record = (given: unknown): Readonly<Record<string, unknown>> =>
  typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {}

const text = (given: unknown): string => (typeof given === 'string' ? given : '')

const invalid = (why: string, cause?: unknown) =>
  faults.packageInvalid({ why }, { place: { file: directoryPath }, cause })
