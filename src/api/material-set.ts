import {
  type Collection,
  complex,
  dateTime,
  type EntitySet,
  type EntityType,
  odataFaults,
  type PrimitiveProperty,
  type Row,
  text,
} from '../odata/index.ts'
import type { MaterialTypeName, ShownMaterial } from '../secrets/index.ts'
import { roles } from './roles.ts'
import { requireTexts, textOf } from './row-values.ts'
import type { Call, Services } from './services.ts'

/** Says who deployed a material, and in which state it is. */
export const securityArtifactDescriptor = complex('SecurityArtifactDescriptor', {
  Type: text(),
  DeployedBy: text(),
  DeployedOn: dateTime,
  Status: text(),
})

/** One property of an entity that is a field of the material. */
export interface MaterialProperty extends PrimitiveProperty {
  readonly field: string
  /** Null in every answer. */
  readonly secret?: true
}

/** An entity set over one type of security material. Writes answer 202 without a body; a secret is kept where absent. */
export function materialSet(
  { secrets }: Pick<Services, 'secrets'>,
  given: {
    readonly set: string
    readonly entity: string
    readonly type: MaterialTypeName
    readonly properties: Readonly<Record<string, MaterialProperty>>
    /** What a new one cannot be without, as far as the interface says so. */
    readonly required: (body: Row) => readonly string[]
    /** How the descriptor names the type; without one, the state stands in the entity itself. */
    readonly descriptor?: string
    readonly more?: Partial<Pick<EntityType<Call>, 'navigations' | 'deepInsert'>>
    /** Fields that stand in properties of the body which are no properties of the entity. */
    readonly nested?: (body: Row) => Readonly<Record<string, string>>
  },
): EntitySet<Call> {
  const { set, entity, type, properties, required, descriptor, more, nested = () => ({}) } = given
  const { materials } = secrets

  function row(material: ShownMaterial): Row {
    const { name, description, fields, status, modifiedBy, modifiedAt } = material
    const values = Object.entries(properties).map(([property, { field, secret }]) => [
      property,
      secret || fields[field] === undefined || fields[field] === '' ? null : fields[field],
    ])
    const state = { DeployedBy: modifiedBy, DeployedOn: modifiedAt, Status: status }
    return {
      Name: name,
      Description: description,
      ...(Object.fromEntries(values) as Row),
      ...(descriptor === undefined ? state : { SecurityArtifactDescriptor: { Type: descriptor, ...state } }),
    }
  }

  /** The fields that a body names. An empty secret stands for one that is not given. */
  function fieldsOf(body: Row): Readonly<Record<string, string>> {
    const given = Object.entries(properties).flatMap(([property, { field, secret }]) => {
      const value = body[property]
      return typeof value !== 'string' || (value === '' && secret) ? [] : [[field, value]]
    })
    return { ...(Object.fromEntries(given) as Readonly<Record<string, string>>), ...nested(body) }
  }

  async function present(name: string): Promise<void> {
    await secrets.reload()
    if (materials.find(type, name) === undefined) throw odataFaults.entityMissing({ set })
  }

  const collection: Collection<Call> = {
    list: {
      requires: roles.readCredentials,
      run: async () => {
        await secrets.reload()
        return materials.list(type).map(row)
      },
    },
    create: {
      requires: roles.editCredentials,
      status: 202,
      run: async (body, { caller }) => {
        requireTexts(body, ['Name', ...required(body)])
        const material = { type, name: textOf(body, 'Name'), description: textOf(body, 'Description') }
        await materials.create({ ...material, fields: withoutEmpty(fieldsOf(body)) }, caller.name)
        return undefined
      },
    },
    update: {
      requires: roles.editCredentials,
      status: 202,
      run: async (key, body, { caller }) => {
        const name = textOf(key, 'Name')
        await present(name)
        const description = body['Description']
        const changed = { type, name, ...(typeof description === 'string' && { description }) }
        await materials.update({ ...changed, fields: fieldsOf(body) }, caller.name)
      },
    },
    remove: {
      requires: roles.editCredentials,
      status: 202,
      run: async (key, { caller }) => {
        const name = textOf(key, 'Name')
        await present(name)
        await materials.remove(type, name, caller.name)
      },
    },
  }
  const state = { DeployedBy: text(), DeployedOn: dateTime, Status: text() }
  return {
    name: set,
    ...collection,
    type: {
      name: entity,
      key: ['Name'],
      properties: {
        Name: text(150),
        Description: text(1024),
        ...properties,
        ...(descriptor === undefined ? state : { SecurityArtifactDescriptor: securityArtifactDescriptor }),
      },
      ...more,
    },
  }
}

const withoutEmpty = (fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))

export const shownText = (field: string, maxLength?: number): MaterialProperty => ({ ...text(maxLength), field })

export const hiddenText = (field: string, maxLength = 4096): MaterialProperty => ({
  ...text(maxLength),
  field,
  secret: true,
})
