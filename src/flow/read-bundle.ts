import { Fault } from '../base/index.ts'
import { headersOf, parseManifest, type ReadBudget, readFolder, readZip } from '../formats/index.ts'
import { faults } from './faults.ts'
import type { Bundle, BundleType } from './model.ts'
import { parseModel } from './parse-model.ts'
import { readParameters } from './read-parameters.ts'

export const manifestPath = 'META-INF/MANIFEST.MF'

const bundleTypes: readonly string[] = ['IntegrationFlow', 'ScriptCollection', 'MessageMapping', 'ValueMapping']

/**
 * Reads an artifact from a zip, or from a folder that holds the same files.
 * @throws every fault of `formats`; flow.manifestMissing, manifestHeaderMissing, bundleIdInvalid, bundleTypeUnknown,
 * modelCount, modelInvalid, definitionsInvalid
 */
export async function readBundle(input: Uint8Array | string, budget?: ReadBudget): Promise<Bundle> {
  return bundleOfFiles(typeof input === 'string' ? await readFolder(input, budget) : await readZip(input, budget))
}

/** The artifact that these files are. */
export function bundleOfFiles(files: ReadonlyMap<string, Buffer>): Bundle {
  const manifest = readManifest(files)
  const header = headerReader(manifest)
  const type = header('SAP-BundleType').trim()
  if (!isBundleType(type)) throw faults.bundleTypeUnknown({ type }, { place: { file: manifestPath } })
  // What follows the first ';' are directives, such as `singleton:=true`.
  const id = checkedId((header('Bundle-SymbolicName').split(';')[0] ?? '').trim())
  return {
    type,
    id,
    name: header('Bundle-Name', id),
    version: header('Bundle-Version', '0.0.0').trim(),
    manifest,
    model: type === 'IntegrationFlow' ? readModel(files) : undefined,
    parameters: readParameters(files),
    files,
  }
}

/** A few names of what was found instead of what was expected. */
export function foundWords(paths: Iterable<string>): string {
  const all = [...paths]
  if (all.length === 0) return 'no file at all'
  return all.slice(0, 3).join(', ') + (all.length > 3 ? ` and ${all.length - 3} more` : '')
}

/** The id itself, where it may be one. @throws flow.bundleIdInvalid */
export function checkedId(id: string): string {
  // The id stands in addresses and in names of files: nothing in it may mean anything there.
  if (/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,149}$/.test(id)) return id
  const place = { file: manifestPath, property: 'Bundle-SymbolicName' }
  throw faults.bundleIdInvalid({ id: id.slice(0, 200) }, { place })
}

const isBundleType = (type: string): type is BundleType => bundleTypes.includes(type)

function readManifest(files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, string> {
  const content = files.get(manifestPath)
  if (content === undefined) throw faults.manifestMissing({ found: foundWords(files.keys()) })
  try {
    return headersOf(parseManifest(content))
  } catch (thrown) {
    throw thrown instanceof Fault ? thrown.at({ file: manifestPath }) : thrown
  }
}

/** Reads headers without regard to case. Throws for one that is missing and has no default. */
function headerReader(manifest: ReadonlyMap<string, string>) {
  const values = new Map([...manifest].map(([name, value]) => [name.toLowerCase(), value]))
  return (name: string, fallback?: string): string => {
    const value = values.get(name.toLowerCase()) ?? fallback
    if (value === undefined) throw faults.manifestHeaderMissing({ header: name }, { place: { file: manifestPath } })
    return value
  }
}

function readModel(files: ReadonlyMap<string, Buffer>) {
  const found = [...files].filter(([path]) => path.endsWith('.iflw'))
  const [model] = found
  if (model === undefined || found.length > 1) throw faults.modelCount({ found: found.map(([path]) => path) })
  return parseModel(...model)
}
