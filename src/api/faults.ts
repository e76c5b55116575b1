import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('api', {
  roleMissing: {
    kind: 'denied',
    message: (d: { caller: string; roles: readonly string[] }) =>
      `'${d.caller}' may not do this: the role ${d.roles.join(' or ')} is missing.`,
    remedy: 'Give the role to the service instance or to the user, and call again.',
  },
  csrfTokenRequired: {
    kind: 'denied',
    message: () => 'The CSRF token is missing or no longer valid.',
    remedy: 'Fetch one by GET with the header x-csrf-token: fetch, and send it back with the cookie of that answer.',
  },
  contentInvalid: {
    kind: 'invalid',
    message: (d: { property: string }) => `'${d.property}' is not base64.`,
    remedy: 'Encode the bytes as base64, without a data URL around them.',
  },
  propertyMissing: {
    kind: 'invalid',
    message: (d: { names: readonly string[] }) =>
      d.names.map((name) => `Property '${name}' cannot be empty.`).join(' '),
    remedy: 'Give a value.',
  },
  taskMissing: {
    kind: 'missing',
    message: (d: { id: string }) => `Requested entity could not be found: there is no deployment task '${d.id}'.`,
    remedy: 'Use the task id that the deployment answered.',
  },
  notDeployed: {
    kind: 'missing',
    message: (d: { id: string }) => `Requested entity could not be found: '${d.id}' is not deployed.`,
    remedy: 'Deploy the artifact first.',
  },
  uploadInvalid: {
    kind: 'invalid',
    message: () => 'The body holds no zip.',
    remedy: 'Send the zip of the artifact as application/zip, or as one file in multipart/form-data.',
  },
  messageMappingUnsupported: {
    kind: 'unsupported',
    message: (d: { id: string }) =>
      `Message mapping '${d.id}': validation of resource is failed, because message mappings cannot be run yet.`,
    remedy: 'Do the mapping in a script or with XSLT.',
  },
  checkFailed: {
    kind: 'invalid',
    message: (d: { id: string; count: number }) =>
      `'${d.id}' cannot be deployed: ${d.count === 1 ? 'one problem was' : `${d.count} problems were`} found.`,
    remedy: 'Correct what is listed and deploy again.',
  },
  cancelUnsupported: {
    kind: 'unsupported',
    message: () => 'Messages in process cannot be cancelled through the API yet.',
    remedy: 'Undeploy the flow, or wait until the message ends.',
  },
  kindUnsupported: {
    kind: 'unsupported',
    message: (d: { kind: string }) => `User credentials of the kind '${d.kind}' are not supported yet.`,
    remedy: 'Use the kind default.',
  },
  levelInvalid: {
    kind: 'invalid',
    message: (d: { level: string }) => `'${d.level}' is not a log level.`,
    remedy: 'Use NONE, INFO, ERROR, DEBUG or TRACE.',
  },
  traceAmbiguous: {
    kind: 'conflict',
    message: (d: { id: string }) => `Several messages share the trace id ${d.id}.`,
    remedy: 'Shorten the time that the flow logs at level TRACE, and try with a new message.',
  },
  defect: {
    kind: 'defect',
    message: (d: { reference: string }) => `Something went wrong in Sluice itself (reference ${d.reference}).`,
    remedy: 'Look for the reference in the log of the process.',
  },
})
