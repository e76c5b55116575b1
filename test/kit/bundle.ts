/**
 * Makes bundles for tests, out of few words.
 *
 *   const zip = await flowBundle({
 *     id: 'Orders',
 *     channels: [senderChannel('HTTPS', { urlPath: '/orders' })],
 *     processes: [
 *       mainProcess([
 *         messageStart(),
 *         step('Set', 'Enricher', { bodyType: 'constant', wrapContent: 'hello' }),
 *         messageEnd(),
 *       ]),
 *     ],
 *   })
 *
 * Elements of a process are joined in the order given; a process that branches says `routes` instead.
 */
import { changeProperties, writeProperties } from '../../src/formats/java-properties.ts'
import { newManifest, writeManifest } from '../../src/formats/manifest.ts'
import { writeZip } from '../../src/formats/zip-write.ts'
import { type Bundle, readBundle } from '../../src/flow/index.ts'
import { escapeText, iflw } from './iflw.ts'
import type { ModelSketch } from './sketch.ts'

export { iflw, tableText } from './iflw.ts'
export * from './sketch.ts'

export interface FlowSketch extends ModelSketch {
  readonly id: string
  readonly name?: string
  readonly version?: string
  readonly parameters?: Readonly<
    Record<string, string | { readonly value: string; readonly type?: string; readonly required?: boolean }>
  >
  /** Further files by path; a name without a folder that ends in `.groovy`, `.gsh` or `.js` is a script. */
  readonly files?: Readonly<Record<string, string | Buffer>>
}

/** The files of a flow's bundle by path, to be zipped or written to a folder. */
export function flowFiles(sketch: FlowSketch): Map<string, Buffer> {
  const { id, name = id, version = '1.0.0', parameters = {}, files = {} } = sketch
  const given = Object.entries(parameters).map(([key, value]) => ({
    key,
    ...(typeof value === 'string' ? { value } : value),
  }))
  const values = changeProperties([], new Map(given.map(({ key, value }) => [key, value])))
  return new Map([
    ['META-INF/MANIFEST.MF', manifestOf({ id, name, version, type: 'IntegrationFlow' })],
    [`src/main/resources/scenarioflows/integrationflow/${id}.iflw`, Buffer.from(iflw(sketch))],
    ['src/main/resources/parameters.prop', Buffer.from(`#Parameters\n${writeProperties(values)}`)],
    ['src/main/resources/parameters.propdef', Buffer.from(definitionsText(given))],
    ...Object.entries(files).map(
      ([path, content]) => [isScript(path) ? `src/main/resources/script/${path}` : path, Buffer.from(content)] as const,
    ),
  ])
}

const isScript = (path: string) => !path.includes('/') && /\.(groovy|gsh|js)$/.test(path)

const definitionsText = (given: readonly { key: string; type?: string; required?: boolean }[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?><parameters>${given
    .map(
      ({ key, type = 'xsd:string', required = false }) =>
        `<parameter><key/><name>${escapeText(key)}</name><type>${type}</type><isRequired>${required}</isRequired><constraint/><description/><additionalMetadata/></parameter>`,
    )
    .join('')}<param_references/></parameters>`

export const manifestOf = (given: { id: string; name: string; version: string; type: string }): Buffer =>
  writeManifest(
    newManifest([
      ['Manifest-Version', '1.0'],
      ['Bundle-ManifestVersion', '2'],
      ['Bundle-Name', given.name],
      ['Bundle-SymbolicName', `${given.id}; singleton:=true`],
      ['Bundle-Version', given.version],
      ['SAP-BundleType', given.type],
      ['SAP-NodeType', 'IFLMAP'],
      ['SAP-RuntimeProfile', 'iflmap'],
    ]),
  )

/** A flow's bundle as a zip. */
export const flowBundle = (sketch: FlowSketch): Promise<Buffer> => writeZip(flowFiles(sketch))

/** A script collection, a message mapping or a value mapping as a zip. Scripts may be named without a folder. */
export const artifactBundle = (
  type: 'ScriptCollection' | 'MessageMapping' | 'ValueMapping',
  id: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<Buffer> =>
  writeZip([
    ['META-INF/MANIFEST.MF', manifestOf({ id, name: id, version: '1.0.0', type })],
    ...Object.entries(files).map(
      ([path, content]) => [isScript(path) ? `src/main/resources/script/${path}` : path, Buffer.from(content)] as const,
    ),
  ])

/** Text of a `value_mapping.xml`: each group is a list of [agency, schema, value] that mean the same. */
export const valueMappingText = (groups: readonly (readonly (readonly [string, string, string])[])[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?><vm version="2.0">${groups
    .map(
      (group, index) =>
        `<group id="g${index}">${group
          .map(
            ([agency, schema, value]) =>
              `<entry><agency>${escapeText(agency)}</agency><schema>${escapeText(schema)}</schema><value>${escapeText(value)}</value></entry>`,
          )
          .join('')}</group>`,
    )
    .join('')}</vm>`

/** A flow's bundle as read. */
export const bundleOf = async (sketch: FlowSketch): Promise<Bundle> => readBundle(await flowBundle(sketch))

/** A resource of a package: an artifact, or a link where there is no content. */
export interface ResourceSketch {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly content?: Buffer
}

/** A package export with these resources. */
export async function packageZip(
  given: { readonly id: string; readonly name: string; readonly vendor?: string },
  resources: readonly ResourceSketch[],
): Promise<Buffer> {
  const entries = resources.map((resource, index) => ({ ...resource, key: index.toString(16).padStart(32, '0') }))
  const one = (value: string) => ({ isExtendedLargeAttribute: false, attributeValues: [value] })
  const directory = {
    resources: [
      ...entries.map(({ key, id, type, name }) => ({
        id: key,
        uniqueId: id,
        resourceType: type,
        name: `${name}.zip`,
        displayName: name,
        semanticVersion: '1.0.0',
        additionalAttributes: {},
      })),
      {
        id: 'f'.repeat(32),
        uniqueId: given.id,
        resourceType: 'ContentPackage',
        name: given.id,
        displayName: given.name,
        semanticVersion: '1.0.0',
        additionalAttributes: {
          Version: one('1.2.0'),
          Vendor: one(given.vendor ?? 'Test'),
          shortText: one('Short'),
          category: one('Integration'),
        },
      },
    ],
    relations: [],
  }
  return writeZip([
    ...entries.flatMap(({ key, content }): [string, Buffer][] =>
      content === undefined ? [] : [[`${key}_content`, content]],
    ),
    ['resources.cnt', Buffer.from(Buffer.from(JSON.stringify(directory)).toString('base64'))],
    ['contentmetadata.md', Buffer.from('')],
    ['ExportInformation.info', Buffer.from('Name= x\nDate= y')],
  ])
}
