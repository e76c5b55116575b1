import type { Requirement } from '../odata/index.ts'
import { faults } from './faults.ts'
import type { Call } from './services.ts'

/*
 * Who may do what: role names are those of the original. Any one of the roles listed is enough; who may change a
 * thing may read it, because clients that deploy hold no role of their own for reading.
 */
export const roles = {
  anyone: [],
  readContent: [
    'WorkspacePackagesRead',
    'WorkspacePackagesEdit',
    'WorkspacePackagesConfigure',
    'WorkspaceArtifactsDeploy',
  ],
  editContent: ['WorkspacePackagesEdit'],
  configure: ['WorkspacePackagesConfigure', 'WorkspacePackagesEdit'],
  deploy: ['WorkspaceArtifactsDeploy'],
  undeploy: ['WorkspaceArtifactsDeploy', 'MonitoringArtifactsDeploy'],
  followDeployment: ['MonitoringDataRead', 'WorkspaceArtifactsDeploy', 'MonitoringArtifactsDeploy'],
  monitor: ['MonitoringDataRead'],
  cancelMessages: ['MonitoringArtifactsDeploy'],
  readPayloads: ['MessagePayloadsRead'],
  readLogLevel: ['TraceConfigurationRead', 'TraceConfigurationEdit', 'MonitoringDataRead'],
  editLogLevel: ['TraceConfigurationEdit'],
  readCredentials: ['CredentialsRead', 'CredentialsEdit', 'MonitoringDataRead'],
  editCredentials: ['CredentialsEdit'],
} as const satisfies Readonly<Record<string, Requirement>>

/** Every role the API asks for, for an instance that may do everything. */
export const apiRoles: readonly string[] = [...new Set<string>(Object.values(roles).flat())].sort()

/** @throws api.roleMissing when the caller has none of the roles */
export function authorize(requires: Requirement, { caller }: Call): void {
  if (requires.length > 0 && !requires.some((role) => caller.roles.includes(role))) {
    throw faults.roleMissing({ caller: caller.name, roles: requires })
  }
}
