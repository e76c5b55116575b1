import { serviceKeyDocument } from '../../identity/index.ts'
import type { ServiceInstance, ServiceKey } from '../../identity/records.ts'
import { faults } from '../faults.ts'
import { requireInstance } from '../grants.ts'
import { keyParameters, readKeyParameters } from '../parameters/key-parameters.ts'
import { roles } from '../roles.ts'
import type { Services } from '../services.ts'
import { addressesOf, withCertificates } from '../sets/service-keys.ts'
import { momentOf, offering, planGuid, relationship } from './catalog.ts'
import type { CloudFoundryCall, CloudFoundryRoute } from './contracts.ts'
import { accepted } from './jobs.ts'
import { filtered, filterOf, listed, listQuery } from './list.ts'
import { readRelationships, readResource, requireName } from './read-body.ts'
import { serviceInstanceResource } from './service-instances.ts'

const path = '/service_credential_bindings'

function bindingResource({ id, instanceId, name, createdAt, modifiedAt }: ServiceKey, url: CloudFoundryCall['url']) {
  const [created_at, updated_at] = [momentOf(createdAt), momentOf(modifiedAt)]
  return {
    guid: id,
    type: 'key',
    name,
    created_at,
    updated_at,
    last_operation: { type: 'create', state: 'succeeded', description: '', created_at, updated_at },
    relationships: { service_instance: relationship(instanceId) },
    metadata: { labels: {}, annotations: {} },
    links: {
      self: { href: url(`${path}/${id}`) },
      details: { href: url(`${path}/${id}/details`) },
      parameters: { href: url(`${path}/${id}/parameters`) },
      service_instance: { href: url(`/service_instances/${instanceId}`) },
    },
  }
}

interface Bound {
  readonly key: ServiceKey
  readonly instance: ServiceInstance
}

const filters = {
  names: ({ key }: Bound) => key.name,
  guids: ({ key }: Bound) => key.id,
  type: () => 'key',
  // There are no apps here that anything could be bound to.
  app_guids: () => '',
  app_names: () => '',
  service_instance_guids: ({ instance }: Bound) => instance.id,
  service_instance_names: ({ instance }: Bound) => instance.name,
  service_plan_names: ({ instance }: Bound) => instance.plan,
  service_plan_guids: ({ instance }: Bound) => planGuid(instance.plan),
  service_offering_names: () => offering.name,
  service_offering_guids: () => offering.guid,
}

/** Service keys as version 3 of the interface of Cloud Foundry has them. */
export function serviceCredentialBindings({ identity, addresses }: Services): readonly CloudFoundryRoute[] {
  const boundOf = (key: ServiceKey): readonly Bound[] => {
    const instance = identity.instances.find(key.instanceId)
    return instance === undefined ? [] : [{ key, instance }]
  }

  /** @throws api.cloudFoundryMissing */
  function required(guid: string): Bound {
    const key = identity.keys.find(guid)
    const [bound] = key === undefined ? [] : boundOf(key)
    if (bound === undefined) throw faults.cloudFoundryMissing({ what: 'Service credential binding' })
    return bound
  }

  return [
    {
      method: 'GET',
      path,
      requires: roles.readInstances,
      query: [...listQuery, ...Object.keys(filters)],
      run: (call) => {
        const found = filtered(call, identity.keys.list().flatMap(boundOf), filters)
        const resources = found.map(({ key }) => bindingResource(key, call.url))
        const used = [...new Set(found.map(({ instance }) => instance))]
        const included = filterOf(call, 'include')?.includes('service_instance')
          ? { service_instances: used.map((instance) => serviceInstanceResource(instance, call.url)) }
          : undefined
        return listed(call, path, resources, included)
      },
    },
    {
      method: 'POST',
      path,
      requires: roles.editInstances,
      run: async (call) => {
        const { type, name, parameters = {}, relationships } = readResource(call.body)
        if (type !== 'key') throw invalid("'type' must be key: there are no apps here")
        const { service_instance: guid } = readRelationships(relationships, ['service_instance'])
        const request = readKeyParameters(requireName(name), parameters)
        const instance = identity.instances.find(guid)
        if (instance === undefined) throw invalid('there is no such service instance')
        requireInstance(instance, call)
        const { key } = await identity.keys.create(instance.id, request, call.caller.name)
        return accepted(call, 'service_key.create', key.id, bindingResource(key, call.url))
      },
    },
    {
      method: 'GET',
      path: `${path}/:guid`,
      requires: roles.readInstances,
      query: ['include'],
      run: ({ guid, url }) => ({ status: 200, body: bindingResource(required(guid).key, url) }),
    },
    {
      method: 'DELETE',
      path: `${path}/:guid`,
      requires: roles.editInstances,
      run: async (call) => {
        const { key, instance } = required(call.guid)
        requireInstance(instance, call)
        await identity.keys.remove(key.id, call.caller.name)
        return accepted(call, 'service_key.delete', key.id)
      },
    },
    {
      method: 'GET',
      path: `${path}/:guid/details`,
      requires: roles.readServiceKeys,
      run: (call) => {
        const { key, instance } = required(call.guid)
        requireInstance(instance, call)
        const opened = identity.keys.open(key.id)
        const credentials = serviceKeyDocument(opened, addressesOf(addresses, instance), 'flat')
        return { status: 200, body: { credentials } }
      },
    },
    {
      method: 'GET',
      path: `${path}/:guid/parameters`,
      requires: roles.readInstances,
      run: ({ guid }) => {
        const { key } = required(guid)
        const [found] = withCertificates(identity, [key])
        return { status: 200, body: keyParameters(key, found?.certificate) }
      },
    },
  ]
}

const invalid = (problem: string) => faults.parametersInvalid({ property: 'body', problems: [problem] })
