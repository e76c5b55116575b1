import type { BundleType } from '../../flow/index.ts'
import type { IntegrationPackage } from '../../design/index.ts'
import { binary, type EntitySet, flag, type Navigation, type Row, text } from '../../odata/index.ts'
import { artifactRow, type DesignSets } from '../design-artifacts.ts'
import { roles } from '../roles.ts'
import { bytesOf, epochText, given, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const writable = {
  name: 'Name',
  description: 'Description',
  shortText: 'ShortText',
  version: 'Version',
  vendor: 'Vendor',
  supportedPlatform: 'SupportedPlatform',
  products: 'Products',
  keywords: 'Keywords',
  countries: 'Countries',
  industries: 'Industries',
  lineOfBusiness: 'LineOfBusiness',
} as const

const row = (value: IntegrationPackage): Row => ({
  ...Object.fromEntries(
    Object.entries(writable).map(([own, property]) => [property, value[own as keyof typeof writable]]),
  ),
  Id: value.id,
  ResourceId: value.id,
  Mode: value.mode,
  PackageContent: null,
  PartnerContent: false,
  UpdateAvailable: false,
  CreatedBy: value.createdBy,
  CreationDate: epochText(value.createdAt),
  ModifiedBy: value.modifiedBy,
  ModifiedDate: epochText(value.modifiedAt),
})

export function integrationPackages({ design }: Services, artifactSets: DesignSets): EntitySet<Call> {
  /** The artifacts of one type in the package. */
  const artifacts = (type: BundleType): Navigation<Call> => ({
    to: artifactSets[type].name,
    many: true,
    of: (parent) => {
      const { find, media } = artifactSets[type]
      const inPackage = async (key: Row, call: Call) => {
        const found = await find?.run(key, call)
        return found?.PackageId === parent.Id ? found : undefined
      }
      return {
        list: {
          requires: roles.readContent,
          run: async () => (await design.artifacts.list({ packageId: textOf(parent, 'Id'), type })).map(artifactRow),
        },
        find: { requires: roles.readContent, run: inPackage },
        media: {
          requires: roles.readContent,
          run: async (key, call) => ((await inPackage(key, call)) ? media?.run(key, call) : undefined),
        },
      }
    },
  })

  return {
    name: 'IntegrationPackages',
    list: { requires: roles.readContent, run: async () => (await design.packages.list()).map(row) },
    find: {
      requires: roles.readContent,
      run: async (key) => {
        const found = await design.packages.find(textOf(key, 'Id'))
        return found && row(found)
      },
    },
    create: {
      requires: roles.editContent,
      status: 201,
      run: async (body, { caller, options }) => {
        const content = bytesOf(body, 'PackageContent')
        if (content) {
          const overwrite = options.get('Overwrite')?.toLowerCase() === 'true'
          return row(await design.transfer.importPackage(content, { overwrite, by: caller.name }))
        }
        requireTexts(body, ['Id', 'Name', 'ShortText'])
        return row(await design.packages.create({ id: textOf(body, 'Id'), ...given(body, writable) }, caller.name))
      },
    },
    update: {
      requires: roles.editContent,
      status: 202,
      run: (key, body, { caller }) => design.packages.update(textOf(key, 'Id'), given(body, writable), caller.name),
    },
    remove: { requires: roles.editContent, status: 202, run: (key) => design.packages.remove(textOf(key, 'Id')) },
    media: {
      requires: roles.readContent,
      run: async (key) => {
        const id = textOf(key, 'Id')
        return {
          content: await design.transfer.exportPackage(id),
          contentType: 'application/zip',
          fileName: `${id}.zip`,
        }
      },
    },
    type: {
      name: 'IntegrationPackage',
      key: ['Id'],
      media: 'application/zip',
      properties: {
        Id: text(150),
        Name: text(),
        ResourceId: text(),
        Description: text(),
        ShortText: text(),
        Version: text(),
        Vendor: text(),
        PartnerContent: flag,
        UpdateAvailable: flag,
        Mode: text(),
        SupportedPlatform: text(),
        ModifiedBy: text(),
        CreationDate: text(),
        ModifiedDate: text(),
        CreatedBy: text(),
        Products: text(),
        Keywords: text(),
        Countries: text(),
        Industries: text(),
        LineOfBusiness: text(),
        PackageContent: binary,
      },
      navigations: {
        IntegrationDesigntimeArtifacts: artifacts('IntegrationFlow'),
        MessageMappingDesigntimeArtifacts: artifacts('MessageMapping'),
        ScriptCollectionDesigntimeArtifacts: artifacts('ScriptCollection'),
        ValueMappingDesigntimeArtifacts: artifacts('ValueMapping'),
      },
    },
  }
}
