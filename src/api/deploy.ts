import { placeWords, uuid } from '../base/index.ts'
import type { ArtifactRef } from '../design/index.ts'
import { type Bundle, type BundleType, type Problem, problemOf, readBundle } from '../flow/index.ts'
import type { Deployment, DeploymentFault } from '../runtime/index.ts'
import { faults } from './faults.ts'
import type { Services } from './services.ts'

export interface Deployer {
  /** Deploys what the design time holds, and answers the id of the task. @throws design.artifactMissing, and what reading the bundle finds */
  readonly artifact: (ref: ArtifactRef, by: string) => Promise<string>
  /** Deploys a zip that the design time does not know. @throws what reading the bundle finds */
  readonly zip: (zip: Buffer, by: string) => Promise<string>
  /** @throws api.notDeployed */
  readonly undeploy: (id: string) => Promise<void>
}

/**
 * Deployment as the API starts it: what is to run is written down, and the tenant's process is told. A bundle that can
 * be read but not run is deployed with the status ERROR, as clients of the original expect it.
 */
export function createDeployer({ design, deployments, secrets, check, notify, clock }: Services): Deployer {
  async function put(
    facts: Pick<Deployment, 'type' | 'packageId' | 'name' | 'version'>,
    bundle: Bundle,
    content: Buffer,
    by: string,
  ) {
    const taskId = uuid()
    const deployment = await deployments.put({
      ...facts,
      artifactId: bundle.id,
      content,
      deployedBy: by,
      deployedAt: clock.now(),
      taskId,
    })
    const fault = faultOf(bundle)
    if (fault) {
      await deployments.report({
        artifactId: bundle.id,
        generation: deployment.generation,
        status: 'ERROR',
        fault,
        endpoints: [],
      })
    }
    notify(bundle.id)
    return taskId
  }

  function faultOf(bundle: Bundle): DeploymentFault | undefined {
    const { id, type } = bundle
    if (type === 'MessageMapping') {
      const fault = faults.messageMappingUnsupported({ id })
      return deploymentFault(fault, [problemOf(fault)])
    }
    const problems = check?.(bundle).problems ?? []
    return problems.length > 0
      ? deploymentFault(faults.checkFailed({ id, count: problems.length }), problems)
      : undefined
  }

  return {
    async artifact(ref, by) {
      const { type, packageId, name, version } = await design.artifacts.get(ref)
      const content = await design.artifacts.content(ref)
      return put({ type, packageId, name, version }, await readBundle(content), content, by)
    },
    async zip(content, by) {
      const bundle = await readBundle(content)
      const { type, name, version } = bundle
      return put({ type, packageId: '', name, version }, bundle, content, by)
    },
    async undeploy(id) {
      if (!(await deployments.remove(id))) throw faults.notDeployed({ id })
      await secrets.capabilities.forget(id)
      notify(id)
    },
  }
}

const deploymentFault = (
  { code, message, remedy }: { readonly code: string; readonly message: string; readonly remedy: string },
  problems: readonly Problem[],
): DeploymentFault => ({
  code,
  message,
  remedy,
  problems: problems.map(({ place, ...problem }) => ({ ...problem, place: placeWords(place) })),
})

/** How the original names the types of artifacts at run time. */
export const runtimeTypes: Readonly<Record<BundleType, string>> = {
  IntegrationFlow: 'INTEGRATION_FLOW',
  ScriptCollection: 'SCRIPT_COLLECTION',
  MessageMapping: 'MESSAGE_MAPPING',
  ValueMapping: 'VALUE_MAPPING',
}
