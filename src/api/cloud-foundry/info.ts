import { roles } from '../roles.ts'
import type { CloudFoundryRoute } from './contracts.ts'

const resources = [
  'info',
  'jobs',
  'organizations',
  'spaces',
  'service_offerings',
  'service_plans',
  'service_instances',
  'service_credential_bindings',
]

/** What the interface is and what it offers. */
export const info: readonly CloudFoundryRoute[] = [
  {
    method: 'GET',
    path: '',
    requires: roles.anyone,
    run: ({ url }) => ({
      status: 200,
      body: {
        links: {
          self: { href: url('') },
          ...Object.fromEntries(resources.map((name) => [name, { href: url(`/${name}`) }])),
        },
      },
    }),
  },
  {
    method: 'GET',
    path: '/info',
    requires: roles.anyone,
    run: ({ url }) => ({
      status: 200,
      body: {
        build: '',
        cli_version: { minimum: '', recommended: '' },
        custom: {},
        description: 'Service instances and service keys of Sluice',
        name: 'Sluice',
        version: 3,
        osbapi_version: '2.15',
        links: { self: { href: url('/info') }, support: { href: '' } },
      },
    }),
  },
]
