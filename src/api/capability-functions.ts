import { uuid } from '../base/index.ts'
import type { FunctionImport } from '../odata/index.ts'
import { roles } from './roles.ts'
import type { Call, Services } from './services.ts'

/** Codes of deployments that only wait for a person. */
const waits: ReadonlySet<string> = new Set(['secrets.capabilitiesUnapproved', 'secrets.capabilitiesRejected'])

/** The word of a person on what a deployment wants. The fingerprint says which manifest the person has seen. */
export function capabilityFunctions(services: Services): readonly FunctionImport<Call>[] {
  const { secrets, identity } = services
  const post = {
    method: 'POST',
    status: 200,
    requires: roles.approveCapabilities,
    parameters: ['Id', 'Fingerprint'],
  } as const
  return [
    {
      ...post,
      name: 'ApproveCapabilities',
      run: async ({ Id = '', Fingerprint = '' }, { caller }) => {
        const { capabilities: policy } = identity.tenantPolicy.get()
        await secrets.capabilities.approve(Id, Fingerprint, caller.name, policy)
        await deployAgain(services, Id)
        return {}
      },
    },
    {
      ...post,
      name: 'RejectCapabilities',
      run: async ({ Id = '', Fingerprint = '' }, { caller }) => {
        await secrets.capabilities.reject(Id, Fingerprint, caller.name)
        return {}
      },
    },
  ]
}

/** Lets a deployment that waited be tried again, as that of whoever deployed it. */
async function deployAgain({ deployments, notify, clock }: Services, id: string): Promise<void> {
  const [found, content] = await Promise.all([deployments.find(id), deployments.content(id)])
  if (found === undefined || content === undefined || !waits.has(found.fault?.code ?? '')) return
  const { artifactId, type, packageId, name, version, deployedBy } = found
  const facts = { artifactId, type, packageId, name, version, deployedBy }
  await deployments.put({ ...facts, content, deployedAt: clock.now(), taskId: uuid() })
  notify(id)
}
