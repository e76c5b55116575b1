/** What the checks of the front door cost, and whether it matters how many clients are registered. */
import { createApiCaller } from '../test/kit/caller.ts'
import { change, create, newInstance, registerKey } from '../test/kit/door-world.ts'
import { leafOf, opensslAuthority } from '../test/kit/openssl.ts'
import type { RunningSluice } from '../test/kit/sluice.ts'

type Api = ReturnType<typeof createApiCaller>

const day = 86_400_000

/** Everything that can be asked of a call that is let in, at one address and of the whole tenant. */
const everything = {
  Methods: '["certificate","clientSecret","password","bearer"]',
  Networks: '["10.0.0.0/8","192.0.2.0/24","127.0.0.0/8","::1/128"]',
  CertificateOutside: '["10.0.0.0/8","192.168.0.0/16","127.0.0.1/32"]',
  Revocation: 'soft',
  ServerNameRequired: true,
  LockAfter: 5,
  ...rates('Client'),
  ...rates('Endpoint'),
  ...rates('Tenant'),
}
const nothing = {
  Methods: '["certificate","clientSecret","password","bearer"]',
  Networks: '[]',
  CertificateOutside: 'null',
  Revocation: 'off',
  ServerNameRequired: false,
  LockAfter: 0,
  ...rates('Client', 0),
  ...rates('Endpoint', 0),
  ...rates('Tenant', 0),
}

function rates(scope: string, rate = 1_000_000): Record<string, number> {
  return { [`${scope}RatePerSecond`]: rate, [`${scope}RateBurst`]: rate }
}

/** Switches all checks on or off for an address. */
export async function setChecks(sluice: RunningSluice, address: string, on: boolean): Promise<void> {
  const api = createApiCaller(sluice)
  try {
    await change(api, 'PUT', "InboundPolicies('tenant')", on ? everything : nothing)
    const { Methods, Networks } = everything
    if (on) await create(api, 'InboundPolicies', { Address: address, Methods, Networks, ...rates('Endpoint') })
    else await change(api, 'DELETE', `InboundPolicies('${encodeURIComponent(address)}')`)
  } finally {
    api.close()
  }
}

/** Registers so many service keys with certificates and so many mappings; gives the milliseconds of one. */
export async function register(sluice: RunningSluice, count: number): Promise<number> {
  const authority = opensslAuthority('/O=Bench/CN=Bench CA')
  const api: Api = createApiCaller(sluice)
  try {
    const certificates = authority.issueMany({ subject: '/O=Bench/CN=client', until: Date.now() + day }, 2 * count)
    await create(api, 'TrustAnchors', { Name: 'Bench', Certificate: authority.certificate })
    await create(api, 'Users', { Name: 'bench', Roles: '["ESBMessaging.send"]' })
    const instance = await newInstance(api, 'bench', 'integration-flow', ['ESBMessaging.send'])
    const start = performance.now()
    const left = [...certificates.entries()]
    const lane = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [nth, cert] = next
        if (nth % 2 === 0) await registerKey(api, instance, `key-${nth}`, { cert, key: '' })
        else
          await create(api, 'CertificateUserMappings', {
            User: 'bench',
            Certificate: Buffer.from(leafOf(cert)).toString('base64'),
          })
      }
    }
    await Promise.all(Array.from({ length: 4 }, lane))
    return (performance.now() - start) / certificates.length
  } finally {
    api.close()
    authority.dispose()
  }
}
