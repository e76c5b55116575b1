import type { BundleType } from '../flow/index.ts'
import type { FunctionImport } from '../odata/index.ts'
import type { Deployer } from './deploy.ts'
import { faults } from './faults.ts'
import { roles } from './roles.ts'
import type { Call, Services } from './services.ts'

const prefixes: Readonly<Record<BundleType, string>> = {
  IntegrationFlow: 'Integration',
  MessageMapping: 'MessageMapping',
  ScriptCollection: 'ScriptCollection',
  ValueMapping: 'ValueMapping',
}

/** The function imports: deployment and versions for every type of artifact, and what messages can be told. */
export function functionImports({ design }: Services, deployer: Deployer): readonly FunctionImport<Call>[] {
  const ofType = ([type, prefix]: [string, string]): readonly FunctionImport<Call>[] => [
    {
      name: `Deploy${prefix}DesigntimeArtifact`,
      method: 'POST',
      status: 202,
      requires: roles.deploy,
      parameters: ['Id', 'Version'],
      run: async ({ Id = '', Version = '' }, { caller }) => ({
        text: await deployer.artifact({ id: Id, type: type as BundleType, version: Version }, caller.name),
      }),
    },
    {
      name: `${prefix}DesigntimeArtifactSaveAsVersion`,
      method: 'POST',
      status: 200,
      requires: roles.editContent,
      parameters: ['Id', 'SaveAsVersion'],
      run: async ({ Id = '', SaveAsVersion = '' }, { caller }) => {
        await design.artifacts.saveAsVersion({ id: Id, type: type as BundleType }, SaveAsVersion, caller.name)
        return {}
      },
    },
  ]
  return [
    ...Object.entries(prefixes).flatMap(ofType),
    {
      name: 'CancelMessageProcessingLog',
      method: 'POST',
      status: 200,
      requires: roles.cancelMessages,
      parameters: ['Id'],
      run: async () => {
        throw faults.cancelUnsupported()
      },
    },
  ]
}
