import { roles } from '../roles.ts'
import {
  offering,
  offeringResource,
  organization,
  organizationResource,
  planResource,
  plans,
  space,
  spaceResource,
} from './catalog.ts'
import type { CloudFoundryCall, CloudFoundryRoute } from './contracts.ts'
import { faults } from '../faults.ts'
import { filtered, filterOf, listed, listQuery } from './list.ts'

type Resource = ReturnType<typeof organizationResource>
type Url = CloudFoundryCall['url']

/** List and entity of a kind of which nothing is ever created here. */
function fixedRoutes<T extends Pick<Resource, 'guid' | 'name' | 'created_at' | 'updated_at'>>(given: {
  readonly path: string
  readonly what: string
  readonly all: (url: Url) => readonly T[]
  readonly filters?: Readonly<Record<string, (one: T) => string>>
  readonly included?: (call: CloudFoundryCall) => object | undefined
}): readonly CloudFoundryRoute[] {
  const { path, what, all, included } = given
  const filters = { names: ({ name }: T) => name, guids: ({ guid }: T) => guid, ...given.filters }
  return [
    {
      method: 'GET',
      path,
      requires: roles.anyone,
      query: [...listQuery, ...Object.keys(filters), 'available'],
      run: (call) => listed(call, path, filtered(call, all(call.url), filters), included?.(call)),
    },
    {
      method: 'GET',
      path: `${path}/:guid`,
      requires: roles.anyone,
      query: ['include'],
      run: ({ guid, url }) => {
        const body = all(url).find((one) => one.guid === guid)
        if (body === undefined) throw faults.cloudFoundryMissing({ what })
        return { status: 200, body }
      },
    },
  ]
}

export const organizations = fixedRoutes({
  path: '/organizations',
  what: 'Organization',
  all: (url) => [organizationResource(url)],
})

export const spaces = fixedRoutes({
  path: '/spaces',
  what: 'Space',
  all: (url) => [spaceResource(url)],
  filters: { organization_guids: () => organization.guid },
  included: (call) =>
    filterOf(call, 'include')?.some((one) => one === 'org' || one === 'organization')
      ? { organizations: [organizationResource(call.url)] }
      : undefined,
})

export const serviceOfferings = fixedRoutes({
  path: '/service_offerings',
  what: 'Service offering',
  all: (url) => [offeringResource(url)],
  filters: { space_guids: () => space.guid, organization_guids: () => organization.guid },
})

export const servicePlans = fixedRoutes({
  path: '/service_plans',
  what: 'Service plan',
  all: (url) => plans.map((plan) => planResource(plan, url)),
  filters: {
    service_offering_guids: () => offering.guid,
    service_offering_names: () => offering.name,
    space_guids: () => space.guid,
    organization_guids: () => organization.guid,
  },
  included: (call) =>
    filterOf(call, 'include')?.includes('service_offering')
      ? { service_offerings: [offeringResource(call.url)] }
      : undefined,
})
