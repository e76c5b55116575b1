import {
  changeManifest,
  changeProperties,
  parseManifest,
  parseProperties,
  writeManifest,
  writeProperties,
} from '../formats/index.ts'
import { pathFlaw } from '../formats/entry-path.ts'
import { writeZip } from '../formats/zip-write.ts'
import { changeModelText, type PropertyChange } from './change-model.ts'
import { faults } from './faults.ts'
import type { Bundle } from './model.ts'
import { bundleOfFiles, manifestPath, checkedId } from './read-bundle.ts'
import { definitionsPath, valuesPath } from './read-parameters.ts'
import { storedForm } from './stored-parameter.ts'

/** What is to be different in a bundle. */
export interface BundleChanges {
  readonly id?: string
  readonly name?: string
  readonly version?: string
  /** Values of parameters as people enter them; for those used in tables only, the stored form is escaped. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Values of properties in the model. */
  readonly properties?: readonly PropertyChange[]
  /** Resources to replace or add; undefined deletes one. */
  readonly files?: ReadonlyMap<string, Buffer | undefined>
}

/**
 * The bundle with changes. What does not change keeps its bytes: files that Sluice does not know, unknown elements
 * and attributes of the model, comments, the layout.
 * @throws flow.bundleIdInvalid, flow.elementUnknown, flow.changeForbidden, and what readBundle throws
 */
export function changeBundle(bundle: Bundle, changes: BundleChanges): Bundle {
  const files = new Map(bundle.files)
  for (const [path, content] of changes.files ?? []) {
    if (isOwn(path) || pathFlaw(path) !== undefined || path.endsWith('/')) throw faults.changeForbidden({ path })
    if (content === undefined) files.delete(path)
    else files.set(path, content)
  }
  const headers = manifestChanges(bundle, changes)
  if (headers.size > 0)
    edit(files, manifestPath, (content) => writeManifest(changeManifest(parseManifest(content), headers)))
  const { properties = [], parameters = {} } = changes
  if (properties.length > 0 && bundle.model)
    edit(files, bundle.model.file, (content) => changeModelText(content, properties))
  if (Object.keys(parameters).length > 0) {
    const stored = new Map(Object.entries(parameters).map(([name, value]) => [name, storedForm(bundle, name, value)]))
    edit(files, valuesPath, (content) =>
      Buffer.from(writeProperties(changeProperties(parseProperties(content), stored))),
    )
  }
  return bundleOfFiles(files)
}

/** A bundle as a zip. The same bundle gives the same bytes. */
export const writeBundle = (bundle: Bundle, changes: BundleChanges = {}): Promise<Buffer> =>
  writeZip(changeBundle(bundle, changes).files)

const isOwn = (path: string) =>
  path === manifestPath || path === valuesPath || path === definitionsPath || path.endsWith('.iflw')

function edit(files: Map<string, Buffer>, path: string, change: (content: Buffer) => Buffer): void {
  files.set(path, change(files.get(path) ?? Buffer.alloc(0)))
}

function manifestChanges(bundle: Bundle, { id, name, version }: BundleChanges): ReadonlyMap<string, string> {
  const headers = new Map<string, string>()
  if (id !== undefined) {
    const [, ...directives] = (headerOf(bundle, 'Bundle-SymbolicName') ?? '').split(';')
    headers.set('Bundle-SymbolicName', [checkedId(id), ...directives].join(';'))
  }
  if (name !== undefined) headers.set('Bundle-Name', name)
  if (version !== undefined) headers.set('Bundle-Version', version)
  return headers
}

const headerOf = ({ manifest }: Bundle, name: string): string | undefined =>
  [...manifest].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
