import type { Artifact, ArtifactRef } from '../design/index.ts'
import type { BundleType } from '../flow/index.ts'
import { binary, type EntitySet, type Navigation, type Row, text } from '../odata/index.ts'
import { roles } from './roles.ts'
import { bytesOf, epochText, requireTexts, textOf } from './row-values.ts'
import type { Call, Services } from './services.ts'

/** The sets of artifacts by the type they hold. */
export type DesignSets = Readonly<Record<BundleType, EntitySet<Call>>>

export const artifactRow = (value: Artifact): Row => ({
  Id: value.id,
  Version: value.version,
  PackageId: value.packageId,
  Name: value.name,
  Description: value.description,
  Sender: value.sender,
  Receiver: value.receiver,
  Comment: '',
  CreatedBy: value.createdBy,
  CreatedAt: epochText(value.createdAt),
  ModifiedBy: value.modifiedBy,
  ModifiedAt: epochText(value.modifiedAt),
  ArtifactContent: null,
})

/** The artifact that a row or a key names. */
export const refOf = (row: Row, type: BundleType): ArtifactRef => ({
  id: textOf(row, 'Id'),
  type,
  version: textOf(row, 'Version'),
})

/** What the sets of artifacts have in common; each says what is its own. */
export function designArtifacts(
  { design }: Services,
  given: {
    readonly set: string
    readonly type: BundleType
    /** False for value mappings, which the original changes by deleting and creating. */
    readonly updates: boolean
    readonly navigations?: Readonly<Record<string, Navigation<Call>>>
  },
): EntitySet<Call> {
  const { set, type, updates, navigations } = given
  const { artifacts } = design
  return {
    name: set,
    list: { requires: roles.readContent, run: async () => (await artifacts.list({ type })).map(artifactRow) },
    find: {
      requires: roles.readContent,
      run: async (key) => {
        const found = await artifacts.find(refOf(key, type))
        return found && artifactRow(found)
      },
    },
    create: {
      requires: roles.editContent,
      status: 201,
      run: async (body, { caller }) => {
        requireTexts(body, ['Id', 'Name', 'PackageId'])
        const content = bytesOf(body, 'ArtifactContent')
        const description = textOf(body, 'Description')
        const created = await artifacts.create(
          {
            id: textOf(body, 'Id'),
            name: textOf(body, 'Name'),
            packageId: textOf(body, 'PackageId'),
            type,
            ...(description && { description }),
            ...(content && { content }),
          },
          caller.name,
        )
        return artifactRow(created)
      },
    },
    ...(updates && {
      update: {
        requires: roles.editContent,
        status: 200,
        run: (key: Row, body: Row, { caller }: Call) => {
          const content = bytesOf(body, 'ArtifactContent')
          const name = textOf(body, 'Name')
          const change = {
            ...(name && { name }),
            ...(typeof body.Description === 'string' && { description: body.Description }),
            ...(content && { content }),
          }
          return artifacts.update(refOf(key, type), change, caller.name)
        },
      },
    }),
    remove: { requires: roles.editContent, status: 200, run: (key) => artifacts.remove(refOf(key, type)) },
    media: {
      requires: roles.readContent,
      run: async (key) => ({
        content: await artifacts.content(refOf(key, type)),
        contentType: 'application/zip',
        fileName: `${textOf(key, 'Id')}.zip`,
      }),
    },
    type: {
      name: set.replace(/s$/, ''),
      key: ['Id', 'Version'],
      media: 'application/zip',
      properties: {
        Id: text(150),
        Version: text(),
        PackageId: text(),
        Name: text(),
        Description: text(),
        Sender: text(),
        Receiver: text(),
        Comment: text(),
        CreatedBy: text(),
        CreatedAt: text(),
        ModifiedBy: text(),
        ModifiedAt: text(),
        ArtifactContent: binary,
      },
      ...(navigations && { navigations }),
    },
  }
}
