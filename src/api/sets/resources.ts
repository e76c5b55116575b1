import type { Resource } from '../../design/index.ts'
import type { BundleType } from '../../flow/index.ts'
import { binary, type EntitySet, int32, type Navigation, type Row, text } from '../../odata/index.ts'
import { refOf } from '../design-artifacts.ts'
import { roles } from '../roles.ts'
import { bytesOf, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'

const row = ({ name, type, content }: Pick<Resource, 'name' | 'type' | 'content'>): Row => ({
  Name: name,
  ResourceType: type,
  ReferencedResourceType: '',
  ResourceSize: content.length,
  ResourceSizeUnit: 'Byte',
  ResourceContent: null,
})

/** The type of files in an artifact; they are reached through their artifact. */
export const resources: EntitySet<Call> = {
  name: 'Resources',
  type: {
    name: 'Resource',
    key: ['Name', 'ResourceType'],
    media: 'application/octet-stream',
    properties: {
      Name: text(255),
      ResourceType: text(),
      ReferencedResourceType: text(),
      ResourceSize: int32,
      ResourceSizeUnit: text(),
      ResourceContent: binary,
    },
  },
}

/** From an artifact to its files. */
export const resourcesOf = ({ design }: Services, type: BundleType): Navigation<Call> => ({
  to: resources.name,
  many: true,
  of: (parent) => {
    const ref = refOf(parent, type)
    const keyOf = (key: Row) => [textOf(key, 'Name'), textOf(key, 'ResourceType')] as const
    return {
      list: { requires: roles.readContent, run: async () => (await design.resources.list(ref)).map(row) },
      create: {
        requires: roles.editContent,
        status: 201,
        run: async (body, { caller }) => {
          requireTexts(body, ['Name', 'ResourceType'])
          const [name, kind] = keyOf(body)
          const content = bytesOf(body, 'ResourceContent') ?? Buffer.alloc(0)
          await design.resources.create(ref, { name, type: kind, content }, caller.name)
          return row({ name, type: kind, content })
        },
      },
      // One public client compares with 200, although the documentation of the original says 202.
      update: {
        requires: roles.editContent,
        status: 200,
        run: (key, body, { caller }) =>
          design.resources.update(ref, ...keyOf(key), bytesOf(body, 'ResourceContent') ?? Buffer.alloc(0), caller.name),
      },
      remove: {
        requires: roles.editContent,
        status: 200,
        run: (key, { caller }) => design.resources.remove(ref, ...keyOf(key), caller.name),
      },
      media: {
        requires: roles.readContent,
        run: async (key) => {
          const [name, kind] = keyOf(key)
          const found = (await design.resources.list(ref)).find((one) => one.name === name && one.type === kind)
          return found && { content: found.content, contentType: 'application/octet-stream', fileName: name }
        },
      },
    }
  },
})
