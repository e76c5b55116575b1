import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('api', {
  policyLocksOut: {
    kind: 'conflict',
    message: (d: { problems: readonly string[] }) =>
      `The policy would refuse your own next call: ${d.problems.join('; ')}.`,
    remedy: 'Make this change with a credential, and from an address, that the new policy lets in.',
  },
  issuerDiffers: {
    kind: 'conflict',
    message: (d: { name: string; issuer: string; found: string }) =>
      `The identity provider '${d.name}' is '${d.issuer}', but this is of '${d.found}'.`,
    remedy: 'Make an identity provider of its own, or give what this one has published.',
  },
  roleMissing: {
    kind: 'denied',
    message: (d: { caller: string; roles: readonly string[] }) =>
      `'${d.caller}' may not do this: the role ${d.roles.join(' or ')} is missing.`,
    remedy: 'Give the role to the service instance or to the user, and call again.',
  },
  roleNotHeld: {
    kind: 'denied',
    message: (d: { caller: string; what: string; roles: readonly string[] }) =>
      `'${d.caller}' may not do this to ${d.what}, because it has ${d.roles.length === 1 ? 'a role' : 'roles'} that '${d.caller}' lacks: ${d.roles.join(', ')}.`,
    remedy: 'Ask somebody who has all of these roles, or the role TenantAdministrator.',
  },
  roleReserved: {
    kind: 'conflict',
    message: (d: { name: string }) => `'${d.name}' is the name of a role for the management API.`,
    remedy: 'Choose another name for the role that flows ask for.',
  },
  userRoleUnknown: {
    kind: 'missing',
    message: (d: { names: readonly string[] }) =>
      `There ${d.names.length === 1 ? 'is no user role' : 'are no user roles'} ${d.names.map((name) => `'${name}'`).join(', ')}.`,
    remedy: 'Check the names in UserRoles; they are compared exactly.',
  },
  jsonInvalid: {
    kind: 'invalid',
    message: (d: { property: string; line: number; column: number; why: string }) =>
      `'${d.property}' is not JSON: ${d.why} (line ${d.line}, column ${d.column}).`,
    remedy: 'Correct the text at this place.',
  },
  parametersInvalid: {
    kind: 'invalid',
    message: (d: { property: string; problems: readonly string[] }) =>
      `'${d.property}' cannot be used: ${d.problems.join('; ')}.`,
    remedy: 'Correct what is named.',
  },
  planFixed: {
    kind: 'conflict',
    message: (d: { instance: string; plan: string }) =>
      `The service instance '${d.instance}' is of the plan ${d.plan}, which cannot be changed.`,
    remedy: 'Create another service instance with the other plan.',
  },
  shapeUnknown: {
    kind: 'invalid',
    message: (d: { shape: string }) => `'${d.shape}' is no shape of a service key.`,
    remedy: 'Ask with shape=flat or shape=oauth.',
  },
  daysInvalid: {
    kind: 'invalid',
    message: (d: { value: string; most: number }) => `'${d.value}' is no number of days from 0 to ${d.most}.`,
    remedy: 'Give whole days.',
  },
  certificateRequestInvalid: {
    kind: 'invalid',
    message: (d: { why: string }) => `The certificate cannot be issued so: ${d.why}.`,
    remedy: 'Correct what is named.',
  },
  tenantPolicyFixed: {
    kind: 'conflict',
    message: () => "The policy 'tenant' is always there: it can be changed, but not created or deleted.",
    remedy: "Change it with PUT, or name the address of an endpoint such as '/http/orders'.",
  },
  explainTooOften: {
    kind: 'exhausted',
    message: (d: { seconds: number }) =>
      `Too many questions with a password: the next is answered in ${d.seconds} seconds.`,
    remedy: 'Wait, or ask without the password.',
  },
  browserRefused: {
    kind: 'denied',
    message: () => 'Changes by this interface are taken from programs, not from pages in a browser.',
    remedy: 'Send no Origin and no Cookie header, and a body with Content-Type: application/json.',
  },
  cloudFoundryUnknown: {
    kind: 'missing',
    message: (d: { method: string; path: string }) => `Unknown request: ${d.method} ${d.path}.`,
    remedy: 'GET /v3 lists what there is.',
  },
  cloudFoundryMissing: {
    kind: 'missing',
    message: (d: { what: string }) => `${d.what} not found.`,
    remedy: 'Check the GUID in the list.',
  },
  cloudFoundryQueryInvalid: {
    kind: 'invalid',
    message: (d: { why: string }) => `The query parameter is invalid: ${d.why}.`,
    remedy: 'Correct or leave out the query parameter.',
  },
  csrfTokenRequired: {
    kind: 'denied',
    message: () => 'The CSRF token is missing or no longer valid.',
    remedy: 'Fetch one by GET with the header x-csrf-token: fetch, and send it back with the cookie of that answer.',
  },
  keystoreUnknown: {
    kind: 'missing',
    message: (d: { name: string }) => `Requested entity could not be found: there is no keystore '${d.name}'.`,
    remedy: 'There are system, backup_admin_system, KeyRenewal and KeyHistory.',
  },
  keystoreReadOnly: {
    kind: 'invalid',
    message: (d: { name: string }) => `Entries of the keystore '${d.name}' cannot be changed so.`,
    remedy: 'Change the keystore system; the backup is replaced as a whole, and new keys are activated.',
  },
  keystoreOptionMissing: {
    kind: 'invalid',
    message: (d: { options: string }) => `The address does not say what is to be done: ${d.options}.`,
    remedy: 'Add the option to the address.',
  },
  keyFileForSsh: {
    kind: 'invalid',
    message: () => 'This is a key for SSH, not an RSA key in PEM.',
    remedy: 'Import it as an SSH key.',
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
  choiceInvalid: {
    kind: 'invalid',
    message: (d: { property: string; choices: readonly string[] }) =>
      `'${d.property}' must be one of ${d.choices.join(', ')}.`,
    remedy: 'Give one of these.',
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
  exportTooLarge: {
    kind: 'exhausted',
    message: (d: { count: number; most: number }) => `These are ${d.count} events; an export holds up to ${d.most}.`,
    remedy: 'Export part by part, with Since and Until.',
  },
  passphraseShort: {
    kind: 'invalid',
    message: (d: { least: number }) => `The passphrase of a backup is missing or has less than ${d.least} characters.`,
    remedy: 'Choose one such as six random words, and keep it apart from the backup.',
  },
  certificatesAbsent: {
    kind: 'missing',
    message: (d: { reason: string }) => `The test got no certificates. ${d.reason}`,
    remedy: 'Run the test itself, which shows each of its steps.',
  },
  defect: {
    kind: 'defect',
    message: (d: { reference: string }) => `Something went wrong in Sluice itself (reference ${d.reference}).`,
    remedy: 'Look for the reference in the log of the process.',
  },
})
