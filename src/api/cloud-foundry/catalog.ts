import type { Plan } from '../../identity/records.ts'

/*
 * What there is exactly one of, under names and GUIDs that never change: clients write them into their scripts. One
 * tenant is one organization with one space, and offers one service with two plans.
 */

export interface Fixed {
  readonly guid: string
  readonly name: string
}

export const organization: Fixed = { guid: 'b8d35ae0-1f0c-4f6e-9d0a-5c1f3a7e2001', name: 'sluice' }
export const space: Fixed = { guid: 'b8d35ae0-1f0c-4f6e-9d0a-5c1f3a7e2002', name: 'default' }
export const offering: Fixed = { guid: 'b8d35ae0-1f0c-4f6e-9d0a-5c1f3a7e2003', name: 'it-rt' }
export const plans: readonly (Fixed & { readonly name: Plan; readonly description: string })[] = [
  {
    guid: 'b8d35ae0-1f0c-4f6e-9d0a-5c1f3a7e2004',
    name: 'integration-flow',
    description: 'Call integration flows',
  },
  { guid: 'b8d35ae0-1f0c-4f6e-9d0a-5c1f3a7e2005', name: 'api', description: 'Call the management API' },
]

/** What is fixed was there before everything else. */
const epoch = '1970-01-01T00:00:00Z'

export const planGuid = (plan: Plan): string => plans.find(({ name }) => name === plan)?.guid ?? ''

/** A moment as this interface writes it, in whole seconds. */
export const momentOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`

export const relationship = (guid: string) => ({ data: { guid } })

const noMetadata = { labels: {}, annotations: {} }
type Url = (path: string) => string
const fixed = ({ guid, name }: Fixed) => ({ guid, name, created_at: epoch, updated_at: epoch })

export const organizationResource = (url: Url) => ({
  ...fixed(organization),
  suspended: false,
  metadata: noMetadata,
  links: { self: { href: url(`/organizations/${organization.guid}`) } },
})

export const spaceResource = (url: Url) => ({
  ...fixed(space),
  relationships: { organization: relationship(organization.guid) },
  metadata: noMetadata,
  links: {
    self: { href: url(`/spaces/${space.guid}`) },
    organization: { href: url(`/organizations/${organization.guid}`) },
  },
})

export const offeringResource = (url: Url) => ({
  ...fixed(offering),
  description: 'Process integration runtime',
  available: true,
  tags: [],
  requires: [],
  shareable: false,
  documentation_url: null,
  broker_catalog: {
    id: offering.guid,
    metadata: {},
    features: {
      plan_updateable: false,
      bindable: true,
      instances_retrievable: true,
      bindings_retrievable: true,
      allow_context_updates: false,
    },
  },
  metadata: noMetadata,
  links: {
    self: { href: url(`/service_offerings/${offering.guid}`) },
    service_plans: { href: url(`/service_plans?service_offering_guids=${offering.guid}`) },
  },
})

export const planResource = ({ description, ...plan }: (typeof plans)[number], url: Url) => ({
  ...fixed(plan),
  description,
  visibility_type: 'public',
  available: true,
  free: true,
  costs: [],
  maintenance_info: {},
  broker_catalog: {
    id: plan.guid,
    metadata: {},
    maximum_polling_duration: null,
    features: { plan_updateable: false, bindable: true },
  },
  schemas: { service_instance: { create: {}, update: {} }, service_binding: { create: {} } },
  relationships: { service_offering: relationship(offering.guid) },
  metadata: noMetadata,
  links: {
    self: { href: url(`/service_plans/${plan.guid}`) },
    service_offering: { href: url(`/service_offerings/${offering.guid}`) },
  },
})
