import { createHash } from 'node:crypto'

import type { BundleType } from '../flow/index.ts'
import { writeZip } from '../formats/index.ts'
import type { IntegrationPackage } from './ports.ts'

const resourceTypes: Readonly<Record<BundleType, string>> = {
  IntegrationFlow: 'IFlow',
  ScriptCollection: 'ScriptCollection',
  MessageMapping: 'MessageMapping',
  ValueMapping: 'ValueMapping',
}

/** The export of a package, in the form of the original. Equal packages give equal bytes. */
export function writePackage(
  value: IntegrationPackage,
  artifacts: readonly {
    readonly id: string
    readonly type: BundleType
    readonly name: string
    readonly version: string
    readonly description: string
    readonly zip: Buffer
  }[],
): Promise<Buffer> {
  const own = exported(value.id, 'ContentPackage', value.name, value.version, {
    Description: value.description,
    shortText: value.shortText,
    Version: value.version,
    Vendor: value.vendor,
    SupportedPlatform: value.supportedPlatform,
    Product: value.products,
    Keyword: value.keywords,
    Country: value.countries,
    Industries: value.industries,
    LineOfBusiness: value.lineOfBusiness,
    category: 'Integration',
  })
  const listed = artifacts.map(({ id, type, name, version, description, zip }) => ({
    resource: exported(id, resourceTypes[type], name, version, {
      Description: description,
      BundleSymbolicName: id,
      BundleVersion: version,
    }),
    zip,
  }))
  const content = {
    resources: [own, ...listed.map(({ resource }) => resource)],
    relations: listed.map(({ resource }) => ({
      sourceId: own.id,
      targetId: resource.id,
      relationType: 'AGGREGATION',
      RelationName: 'Default',
    })),
  }
  const properties = [
    '-- listing properties --',
    'ResourceClassVersion=1.2.0',
    'ExportModelVersion=1.0.0',
    'EncodingVersion=1.0.0',
    'RelationClassVersion=1.0.0',
    '',
  ]
  return writeZip([
    ['resources.cnt', base64(JSON.stringify(content))],
    ['contentmetadata.md', base64(properties.join('\n'))],
    ['ExportInformation.info', Buffer.from(`Name= ${value.name}\nDate= ${new Date(value.modifiedAt).toUTCString()}`)],
    ...listed.map(({ resource, zip }) => [`${resource.id}_content`, zip] as const),
  ])
}

function exported(
  uniqueId: string,
  resourceType: string,
  displayName: string,
  version: string,
  attributes: Readonly<Record<string, string>>,
) {
  return {
    // Ids are 32 hex digits; made from the name, they stay the same from export to export.
    id: createHash('sha256').update(`${resourceType}\0${uniqueId}`).digest('hex').slice(0, 32),
    resourceType,
    name: resourceType === 'ContentPackage' ? uniqueId : `${uniqueId}.zip`,
    uniqueId,
    displayName,
    semanticVersion: version,
    contentType: resourceType === 'ContentPackage' ? undefined : 'application/zip',
    privilegeState: 'EDIT_ALLOWED',
    isRestricted: false,
    additionalAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        { isExtendedLargeAttribute: false, attributeValues: [value] },
      ]),
    ),
  }
}

const base64 = (text: string): Buffer => Buffer.from(Buffer.from(text).toString('base64'))
