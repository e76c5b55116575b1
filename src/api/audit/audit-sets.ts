import { type Audit, type AuditAction, type Change, describeChange } from '../../audit/index.ts'
import type { EntitySet, Row } from '../../odata/index.ts'
import { textOf } from '../row-values.ts'
import type { Call } from '../services.ts'
import { type AuditedSet, auditedSets } from './audited.ts'

/** Who changed a row when is what the event itself says. */
const authored = new Set(['CreatedBy', 'CreatedAt', 'CreatedTime', 'ModifiedBy', 'ModifiedAt', 'UsedBy'])
const isAuthored = (name: string): boolean => authored.has(name) || name.startsWith('LastModified')

const shownOf = (row: Row | undefined, { shown = {} }: AuditedSet): object | undefined =>
  row &&
  Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => !isAuthored(name))
      .map(([name, value]) => [name, typeof value === 'string' ? (shown[name]?.(value) ?? value) : value]),
  )

/**
 * The set with each of its writes recorded, once it was done and before it is answered. A credential that was opened
 * is not handed out unless that is written down.
 */
export function auditSet(set: EntitySet<Call>, audit: Pick<Audit, 'record'>): EntitySet<Call> {
  const declared = auditedSets[set.name]
  return declared === undefined ? set : audited(set, declared, audit)
}

function audited(set: EntitySet<Call>, declared: AuditedSet, audit: Pick<Audit, 'record'>): EntitySet<Call> {
  const { create, update, remove, media } = set
  const { secret = [] } = declared

  async function rowsOf(context: Call): Promise<ReadonlyMap<string, Row>> {
    const rows = (await set.list?.run(context)) ?? []
    return new Map(rows.map((row) => [textOf(row, declared.id), row]))
  }

  async function rowOf(key: Row, context: Call): Promise<Row | undefined> {
    return set.find ? set.find.run(key, context) : (await rowsOf(context)).get(textOf(key, declared.id))
  }

  function record(action: AuditAction, objectId: string, row: Row | undefined, changes?: Record<string, Change>) {
    const name = objectId === textOf(row ?? {}, 'Name') ? '' : textOf(row ?? {}, 'Name')
    const { objectType } = declared
    return audit.record({
      action,
      objectType: typeof objectType === 'string' ? objectType : objectType(objectId),
      objectId,
      attributes: { entitySet: set.name, ...(name !== '' && { name }) },
      ...(changes && { changedAttributes: changes }),
    })
  }

  /** No row shows a secret: that one was given is taken from the body. */
  function changesOf(before: Row | undefined, after: Row | undefined, body: Row): Record<string, Change> {
    const given = secret.filter((name) => textOf(body, name) !== '')
    return {
      ...describeChange(shownOf(before, declared), shownOf(after, declared), secret),
      ...Object.fromEntries(given.map((name) => [name, { after: before === undefined ? 'set' : 'changed' }])),
    }
  }

  return {
    ...set,
    ...(create && {
      create: {
        ...create,
        run: async (body, context) => {
          const present = declared.upserts ? await rowsOf(context) : undefined
          const created = await create.run(body, context)
          const id = textOf(created ?? body, declared.id)
          const before = present?.get(id)
          const after = before && created ? await rowOf(created, context) : created
          await record(before ? 'Change' : 'Create', id, after, changesOf(before, after, body))
          return created
        },
      },
    }),
    ...(update && {
      update: {
        ...update,
        run: async (key, body, context) => {
          const present = await rowsOf(context)
          const id = textOf(key, declared.id)
          await update.run(key, body, context)
          const rows = await rowsOf(context)
          // A certificate in the place of another has an id of its own: it is the one that is new.
          const after = rows.get(id) ?? [...rows].find(([other]) => !present.has(other))?.[1]
          await record('Change', id, present.get(id), changesOf(present.get(id), after, body))
        },
      },
    }),
    ...(remove && {
      remove: {
        ...remove,
        run: async (key, context) => {
          const before = await rowOf(key, context)
          await remove.run(key, context)
          await record('Delete', textOf(before ?? key, declared.id), before, changesOf(before, undefined, {}))
        },
      },
    }),
    ...(media &&
      declared.opens && {
        media: {
          ...media,
          run: async (key, context) => {
            const content = await media.run(key, context)
            if (content !== undefined) await record('Read', textOf(key, declared.id), await rowOf(key, context))
            return content
          },
        },
      }),
  }
}
