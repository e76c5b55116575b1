import type { Bundle, BundleType } from '../flow/index.ts'
import { faults } from './faults.ts'
import { fileNameProblem } from './names.ts'

/** A file of a bundle that a person may change on its own. */
export interface Resource {
  /** File name, or path below the folder of its kind. */
  readonly name: string
  readonly type: string
  /** Path in the bundle. */
  readonly path: string
  readonly content: Buffer
}

const root = 'src/main/resources/'

/** Types of resources as the original names them, with the folder for new ones and the extensions they may have. */
const kinds: Readonly<Record<string, { readonly folder: string; readonly extensions: readonly string[] }>> = {
  groovy: { folder: 'script', extensions: ['groovy', 'gsh', 'gvy', 'gy'] },
  js: { folder: 'script', extensions: ['js'] },
  jar: { folder: 'lib', extensions: ['jar'] },
  xslt: { folder: 'mapping', extensions: ['xsl', 'xslt'] },
  mmap: { folder: 'mapping', extensions: ['mmap'] },
  opmap: { folder: 'mapping', extensions: ['opmap'] },
  xsd: { folder: 'xsd', extensions: ['xsd'] },
  wsdl: { folder: 'wsdl', extensions: ['wsdl'] },
  edmx: { folder: 'edmx', extensions: ['edmx'] },
  json: { folder: 'json', extensions: ['json'] },
}

const kindOfExtension = new Map(
  Object.entries(kinds).flatMap(([type, { extensions }]) => extensions.map((extension) => [extension, type])),
)

/** Types that an artifact of each type may be given; others are refused. */
const allowed: Readonly<Record<BundleType, readonly string[]>> = {
  IntegrationFlow: Object.keys(kinds),
  ScriptCollection: ['groovy', 'js', 'jar'],
  MessageMapping: ['mmap', 'xsd', 'wsdl', 'edmx', 'json', 'groovy', 'js', 'xslt'],
  ValueMapping: [],
}

/** The resources of a bundle, in the order of its files. */
export function resourcesOf(bundle: Bundle): readonly Resource[] {
  const found: Resource[] = []
  for (const [path, content] of bundle.files) {
    const type = kindOfExtension.get(/\.([A-Za-z]+)$/.exec(path)?.[1]?.toLowerCase() ?? '')
    const [, name] = path.startsWith(root) ? (/^[^/]+\/(.+)$/.exec(path.slice(root.length)) ?? []) : []
    if (type !== undefined && name !== undefined) found.push({ name, type, path, content })
  }
  return found
}

/** @throws design.resourceMissing */
export function resourceOf(bundle: Bundle, name: string, type: string): Resource {
  const found = resourcesOf(bundle).find((resource) => resource.name === name && resource.type === type)
  if (!found) throw faults.resourceMissing({ name, type })
  return found
}

/** Where a new resource goes in a bundle. @throws design.resourceInvalid, design.resourceExists */
export function newResourcePath(bundle: Bundle, name: string, type: string): string {
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  const extension = /\.([A-Za-z]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  const problems = [
    fileNameProblem(name),
    !kind || !allowed[bundle.type].includes(type)
      ? `a ${bundle.type} takes resources of the types ${allowed[bundle.type].join(', ')}, not '${type}'`
      : undefined,
    kind && !kind.extensions.includes(extension)
      ? `the name of a resource of the type ${type} must end in .${kind.extensions.join(' or .')}`
      : undefined,
  ].filter((problem) => problem !== undefined)
  if (!kind || problems.length > 0) throw faults.resourceInvalid({ problems })
  const path = `${root}${kind.folder}/${name}`
  if (bundle.files.has(path) || resourcesOf(bundle).some((one) => one.name === name && one.type === type)) {
    throw faults.resourceExists({ name, type })
  }
  return path
}
