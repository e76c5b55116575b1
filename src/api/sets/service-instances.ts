import type { Plan, ServiceInstance } from '../../identity/records.ts'
import { type EntitySet, odataFaults, type Row, text } from '../../odata/index.ts'
import { authoredProperties, authoredRow } from '../authored-row.ts'
import { faults } from '../faults.ts'
import { requireGivable, requireInstance } from '../grants.ts'
import { instanceParameters, readInstanceParameters } from '../parameters/instance-parameters.ts'
import { readJson } from '../parameters/read-json.ts'
import { roles } from '../roles.ts'
import { optionalText, present, requireTexts, textOf } from '../row-values.ts'
import type { Call, Services } from '../services.ts'
import { serviceKeyRows } from './service-keys.ts'

const row = (instance: ServiceInstance): Row => ({
  Id: instance.id,
  Name: instance.name,
  Plan: instance.plan,
  Parameters: JSON.stringify(instanceParameters(instance)),
  ...authoredRow(instance),
})

const parametersOf = (body: Row) => {
  const source = optionalText(body, 'Parameters')
  return source === undefined ? {} : readInstanceParameters(readJson(source, 'Parameters'))
}

/** OAuth clients with their roles. Parameters are the JSON of the original, and always visible. */
export function serviceInstances({ identity }: Services): EntitySet<Call> {
  /** @throws odata.entityMissing, api.roleNotHeld */
  function managed(id: string, call: Call): ServiceInstance {
    const instance = identity.instances.find(id)
    if (instance === undefined) throw odataFaults.entityMissing({ set: 'ServiceInstances' })
    requireInstance(instance, call)
    return instance
  }

  return {
    name: 'ServiceInstances',
    list: { requires: roles.readInstances, run: async () => identity.instances.list().map(row) },
    create: {
      requires: roles.editInstances,
      status: 201,
      run: async (body, call) => {
        requireTexts(body, ['Name', 'Plan'])
        // Whether it is a plan at all is for the registry to say.
        const request = { name: textOf(body, 'Name'), plan: textOf(body, 'Plan') as Plan, ...parametersOf(body) }
        requireGivable(request, call)
        return row(await identity.instances.create(request, call.caller.name))
      },
    },
    update: {
      requires: roles.editInstances,
      status: 204,
      run: async (key, body, call) => {
        const instance = managed(textOf(key, 'Id'), call)
        const { Plan = instance.plan } = body
        if (Plan !== instance.plan) throw faults.planFixed({ instance: instance.name, plan: instance.plan })
        const change = { ...present({ name: optionalText(body, 'Name') }), ...parametersOf(body) }
        requireGivable({ ...instance, roles: change.roles ?? [] }, call)
        await identity.instances.update(instance.id, change, call.caller.name)
      },
    },
    remove: {
      requires: roles.editInstances,
      status: 204,
      run: async (key, call) => {
        const { id } = managed(textOf(key, 'Id'), call)
        await identity.instances.remove(id, call.caller.name)
      },
    },
    type: {
      name: 'ServiceInstance',
      key: ['Id'],
      properties: { Id: text(64), Name: text(255), Plan: text(64), Parameters: text(65_536), ...authoredProperties },
      navigations: {
        ServiceKeys: {
          to: 'ServiceKeys',
          many: true,
          of: ({ Id }) => ({
            list: {
              requires: roles.readInstances,
              run: async () => serviceKeyRows(identity, identity.keys.list(String(Id))),
            },
          }),
        },
      },
    },
  }
}
