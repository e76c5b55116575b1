import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { TenantPolicy } from '../identity/records.ts'
import { refuseLockOut } from './lock-out.ts'
import type { Caller } from './services.ts'

const none = { perSecond: 0, burst: 0 }
const open: TenantPolicy = {
  methods: ['certificate', 'clientSecret', 'password', 'bearer'],
  networks: [],
  certificateOutside: undefined,
  pinOnRegistration: true,
  publicRoots: true,
  revocation: 'off',
  minimumRsaBits: 2048,
  channelCertificates: 'registered',
  serverNameRequired: false,
  lockAfter: 0,
  capabilities: 'allow',
  lintStop: [],
  publishers: [],
  requireSignature: false,
  groovy: 'auto',
  scriptNetworks: [],
  rates: { client: none, endpoint: none, tenant: none },
}
const caller: Caller = { name: 'ann', roles: [], method: 'basic', proof: 'password', address: '192.0.2.7' }

describe('a policy that its maker would not survive', () => {
  for (const [what, policy, by, problem] of [
    ['without the way of its maker', { methods: ['certificate'] }, caller, /methods has no password/],
    ['for other networks', { networks: ['10.0.0.0/8'] }, caller, /networks has no 192\.0\.2\.7/],
    ['with certificates for externals', { certificateOutside: ['10.0.0.0/8'] }, caller, /a certificate/],
    ['with both', { methods: ['bearer'], networks: ['10.0.0.0/8'] }, caller, /password; networks/],
  ] as const)
    it(`${what}, is refused`, () =>
      assert.throws(() => refuseLockOut({ ...open, ...policy }, by), { code: 'api.policyLocksOut', message: problem }))

  for (const [what, policy, by] of [
    ['that names its way and network', { methods: ['password'], networks: ['192.0.2.0/24'] }, caller],
    [
      'with certificates for externals, by certificate',
      { certificateOutside: [] },
      { ...caller, proof: 'certificate' },
    ],
    ['with certificates for externals, from inside', { certificateOutside: ['192.0.2.0/24'] }, caller],
    ['of a caller whom nobody asked', { methods: ['bearer'] }, { name: 'x', roles: [], method: 'basic' }],
  ] as const)
    it(`${what}, is taken`, () => refuseLockOut({ ...open, ...policy }, by))
})
