import { type Entity, textOf } from './api/entity.ts'
import { pick } from './registry.ts'
import type { Session } from './session.ts'

/** The service instance of this name or id. @throws cli.entryUnknown, cli.entryAmbiguous */
export async function findInstance({ api }: Session, wanted: string): Promise<Entity> {
  return pick(await api().list('ServiceInstances'), {
    wanted,
    id: 'Id',
    names: [(each) => textOf(each, 'Name')],
    what: 'service instance',
    list: 'service-instance list',
  })
}

/** The service key of this id, name, or `instance/name`. @throws cli.entryUnknown, cli.entryAmbiguous */
export async function findKey({ api }: Session, wanted: string): Promise<Entity> {
  const instances = new Map((await api().list('ServiceInstances')).map((each) => [each.Id, textOf(each, 'Name')]))
  return pick(await api().list('ServiceKeys'), {
    wanted,
    id: 'Id',
    names: [
      (each) => textOf(each, 'Name'),
      (each) => `${instances.get(each.InstanceId) ?? ''}/${textOf(each, 'Name')}`,
    ],
    what: 'service key',
    list: 'service-key list',
  })
}
