import type { ServiceInstance } from '../../identity/records.ts'
import { faults } from '../faults.ts'
import { requireGivable, requireInstance } from '../grants.ts'
import { instanceParameters, readInstanceParameters } from '../parameters/instance-parameters.ts'
import { readMembers } from '../parameters/read-members.ts'
import { roles } from '../roles.ts'
import { present } from '../row-values.ts'
import type { Services } from '../services.ts'
import {
  momentOf,
  offering,
  offeringResource,
  organization,
  organizationResource,
  planGuid,
  planResource,
  plans,
  relationship,
  space,
  spaceResource,
} from './catalog.ts'
import type { CloudFoundryCall, CloudFoundryRoute } from './contracts.ts'
import { accepted } from './jobs.ts'
import { filtered, listed, listQuery } from './list.ts'
import { asRelationship, readRelationships, readResource, requireName } from './read-body.ts'

const path = '/service_instances'

export function serviceInstanceResource(instance: ServiceInstance, url: CloudFoundryCall['url']) {
  const { id, name, createdAt, modifiedAt } = instance
  const [created_at, updated_at] = [momentOf(createdAt), momentOf(modifiedAt)]
  const plan = planGuid(instance.plan)
  return {
    guid: id,
    created_at,
    updated_at,
    name,
    tags: [],
    type: 'managed',
    maintenance_info: {},
    upgrade_available: false,
    dashboard_url: null,
    last_operation: {
      type: modifiedAt > createdAt ? 'update' : 'create',
      state: 'succeeded',
      description: '',
      created_at: updated_at,
      updated_at,
    },
    relationships: { space: relationship(space.guid), service_plan: relationship(plan) },
    metadata: { labels: {}, annotations: {} },
    links: {
      self: { href: url(`${path}/${id}`) },
      space: { href: url(`/spaces/${space.guid}`) },
      service_plan: { href: url(`/service_plans/${plan}`) },
      parameters: { href: url(`${path}/${id}/parameters`) },
      service_credential_bindings: { href: url(`/service_credential_bindings?service_instance_guids=${id}`) },
    },
  }
}

const filters = {
  names: ({ name }: ServiceInstance) => name,
  guids: ({ id }: ServiceInstance) => id,
  type: () => 'managed',
  space_guids: () => space.guid,
  organization_guids: () => organization.guid,
  service_plan_names: ({ plan }: ServiceInstance) => plan,
  service_plan_guids: ({ plan }: ServiceInstance) => planGuid(plan),
  service_offering_names: () => offering.name,
  service_offering_guids: () => offering.guid,
}

/** Query parameters by which clients ask for what an instance refers to, part by part. They get all of it whole. */
export const fieldsQuery = /^fields\[[a-z_.]{1,100}\]$/

function includedOf({ query, url }: CloudFoundryCall): object | undefined {
  if (![...query.keys()].some((name) => fieldsQuery.test(name))) return undefined
  return {
    spaces: [spaceResource(url)],
    organizations: [organizationResource(url)],
    service_plans: plans.map((plan) => planResource(plan, url)),
    service_offerings: [offeringResource(url)],
    service_brokers: [],
  }
}

/** Service instances as version 3 of the interface of Cloud Foundry has them. */
export function serviceInstances({ identity }: Services): readonly CloudFoundryRoute[] {
  const { instances } = identity

  /** @throws api.cloudFoundryMissing */
  function required(guid: string): ServiceInstance {
    const found = instances.find(guid)
    if (found === undefined) throw faults.cloudFoundryMissing({ what: 'Service instance' })
    return found
  }

  return [
    {
      method: 'GET',
      path,
      requires: roles.readInstances,
      query: [...listQuery, ...Object.keys(filters)],
      run: (call) => {
        const found = filtered(call, instances.list(), filters)
        const resources = found.map((instance) => serviceInstanceResource(instance, call.url))
        return listed(call, path, resources, includedOf(call))
      },
    },
    {
      method: 'POST',
      path,
      requires: roles.editInstances,
      run: async (call) => {
        const { type, name: given, parameters = {}, relationships } = readResource(call.body)
        if (type !== 'managed') throw invalid("'type' must be managed")
        const name = requireName(given)
        const { space: inSpace, service_plan: planOf } = readRelationships(relationships, ['space', 'service_plan'])
        if (inSpace !== space.guid) throw invalid('there is no such space')
        const plan = plans.find(({ guid }) => guid === planOf)
        if (plan === undefined) throw invalid('there is no such service plan')
        const request = { name, plan: plan.name, ...readInstanceParameters(parameters) }
        requireGivable(request, call)
        const created = await instances.create(request, call.caller.name)
        return accepted(call, 'service_instance.create', created.id, serviceInstanceResource(created, call.url))
      },
    },
    {
      method: 'GET',
      path: `${path}/:guid`,
      requires: roles.readInstances,
      run: (call) => {
        const included = includedOf(call)
        const body = { ...serviceInstanceResource(required(call.guid), call.url), ...(included && { included }) }
        return { status: 200, body }
      },
    },
    {
      method: 'PATCH',
      path: `${path}/:guid`,
      requires: roles.editInstances,
      run: async (call) => {
        const { type = 'managed', name, parameters = {}, relationships = {} } = readResource(call.body)
        const instance = required(call.guid)
        requireInstance(instance, call)
        const { service_plan: plan } = readMembers(relationships, { service_plan: asRelationship }, 'relationships')
        if (type !== 'managed') throw invalid("'type' must be managed")
        if (plan !== undefined && plan !== planGuid(instance.plan))
          throw faults.planFixed({ instance: instance.name, plan: instance.plan })
        const change = { ...present({ name }), ...readInstanceParameters(parameters) }
        requireGivable({ ...instance, roles: change.roles ?? [] }, call)
        const changed = await instances.update(instance.id, change, call.caller.name)
        return accepted(call, 'service_instance.update', changed.id, serviceInstanceResource(changed, call.url))
      },
    },
    {
      method: 'DELETE',
      path: `${path}/:guid`,
      requires: roles.editInstances,
      query: ['purge'],
      run: async (call) => {
        const instance = required(call.guid)
        requireInstance(instance, call)
        await instances.remove(instance.id, call.caller.name)
        return accepted(call, 'service_instance.delete', instance.id)
      },
    },
    {
      method: 'GET',
      path: `${path}/:guid/parameters`,
      requires: roles.readInstances,
      run: ({ guid }) => ({ status: 200, body: instanceParameters(required(guid)) }),
    },
  ]
}

const invalid = (problem: string) => faults.parametersInvalid({ property: 'body', problems: [problem] })
