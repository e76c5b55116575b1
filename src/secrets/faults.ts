import { declareFaults } from '../base/index.ts'
import type { Problem } from '../flow/index.ts'

export const faults = declareFaults('secrets', {
  credentialUnknown: {
    kind: 'missing',
    message: (d: { alias: string }) => `There is no user credential '${d.alias}'.`,
    remedy: 'Deploy a user credential with this name, or correct the name in the flow.',
  },
  materialUnknown: {
    kind: 'missing',
    message: (d: { label: string; name: string }) => `There is no ${d.label} '${d.name}'.`,
    remedy: 'Deploy one with this name, or correct the name; names are case-sensitive.',
  },
  nameTaken: {
    kind: 'conflict',
    message: (d: { name: string }) => `The name '${d.name}' is taken by another security material.`,
    remedy: 'Choose another name, or update the existing one.',
  },
  materialInvalid: {
    kind: 'invalid',
    message: (d: { label: string; problems: readonly string[] }) =>
      `The ${d.label} cannot be deployed: ${d.problems.join('; ')}.`,
    remedy: 'Correct what is named.',
  },
  secretNeeded: {
    kind: 'invalid',
    message: (d: { name: string; fields: readonly string[]; secrets: readonly string[] }) =>
      `${d.fields.join(' and ')} of '${d.name}' says where its secrets are sent; it changes only together with ${d.secrets.join(', ')}.`,
    remedy: 'Give the secrets again with the change.',
  },
  tooMany: {
    kind: 'exhausted',
    message: (d: { label: string; most: number }) => `There are ${d.most} of the type ${d.label}, which is the most.`,
    remedy: 'Delete one that nothing uses.',
  },
  inUse: {
    kind: 'conflict',
    message: (d: { name: string; users: readonly string[] }) => `'${d.name}' is in use by ${d.users.join('; ')}.`,
    remedy: 'Undeploy or change what uses it, and delete it then.',
  },
  notAuthorized: {
    kind: 'conflict',
    message: (d: { name: string }) => `'${d.name}' is not authorized: nobody has agreed in the browser yet.`,
    remedy: 'Authorize it, and agree on the page of the provider.',
  },
  authorizationStateUnknown: {
    kind: 'denied',
    message: () => 'This authorization was not begun here, was finished before, or took longer than ten minutes.',
    remedy: 'Begin the authorization again.',
  },
  authorizationRefused: {
    kind: 'denied',
    message: (d: { name: string; error: string }) => `The provider did not authorize '${d.name}': ${d.error}.`,
    remedy: 'Agree on the page of the provider, or correct the client at the provider.',
  },
  tokenRefused: {
    kind: 'unavailable',
    message: (d: { name: string; status: number; error: string }) =>
      `The token service of '${d.name}' answered ${d.status}: ${d.error}.`,
    remedy: 'Check address, client ID, client secret and redirect address at the provider, and authorize again.',
  },
  tokenServiceUnreachable: {
    kind: 'unavailable',
    message: (d: { name: string; host: string; why: string }) =>
      `The token service of '${d.name}' at ${d.host} cannot be asked: ${d.why}.`,
    remedy: 'Check the address and the network, and try again.',
  },
  tokenAnswerInvalid: {
    kind: 'unavailable',
    message: (d: { name: string; why: string }) =>
      `The answer of the token service of '${d.name}' is of no use: ${d.why}.`,
    remedy: 'Check the token service URL; the provider may need a parameter such as access_type=offline or a scope.',
  },
  grantInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The grant cannot be kept: ${d.problems.join('; ')}.`,
    remedy: 'Give the id of the flow and the alias as the flow names it, or * for every alias.',
  },
  grantMissing: {
    kind: 'missing',
    message: (d: { flowId: string; kind: string; alias: string }) =>
      `No administrator said whether flow '${d.flowId}' may use ${d.kind} '${d.alias}'.`,
    remedy: 'Look at the list of grants. What a flow asks for itself is taken away by a grant that is not allowed.',
  },
  knownHostsInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The known hosts cannot be read: ${d.problems.join('; ')}.`,
    remedy: 'Write lines such as [host]:port algorithm base64-key, as ssh-keyscan prints them.',
  },
  capabilitiesUnapproved: {
    kind: 'denied',
    message: (d: { artifact: string; growth: string; problems: readonly Problem[] }) =>
      `'${d.artifact}' wants more than what was approved: ${d.growth}.`,
    remedy:
      'Let somebody with the role FlowCapabilitiesApprove look at it (sluice capabilities list) and approve it (sluice capabilities approve); it is deployed then. Where the policy asks for four eyes, whoever deployed it cannot approve it.',
  },
  capabilitiesRejected: {
    kind: 'denied',
    message: (d: { artifact: string; by: string; growth: string; problems: readonly Problem[] }) =>
      `'${d.artifact}' wants more than what was approved, and ${d.by} rejected it: ${d.growth}.`,
    remedy: 'Deploy a version that wants less, or let it be approved after all (sluice capabilities approve).',
  },
  capabilitiesNotWaiting: {
    kind: 'conflict',
    message: (d: { artifact: string }) => `'${d.artifact}' has no such capabilities that wait for approval.`,
    remedy: 'Look again at what waits (sluice capabilities list): it may have been deployed anew meanwhile.',
  },
  capabilitiesSamePerson: {
    kind: 'denied',
    message: (d: { artifact: string; by: string }) =>
      `${d.by} has deployed '${d.artifact}' and so cannot approve what it wants: the policy asks for four eyes.`,
    remedy: 'Let another person with the role FlowCapabilitiesApprove approve it.',
  },
  knownHostMissing: {
    kind: 'missing',
    message: (d: { id: string }) => `There is no known host '${d.id}'.`,
    remedy: 'Look for its id in the list of known hosts.',
  },
  knownHostTaken: {
    kind: 'conflict',
    message: (d: { line: string }) => `The host key is known already: ${d.line}.`,
    remedy: 'Nothing needs to be done.',
  },
  proposalMissing: {
    kind: 'conflict',
    message: () => 'This import of known hosts is not there any more: it was approved, discarded or replaced.',
    remedy: 'Import the file again and look at the differences.',
  },
  pgpKeyTypeInvalid: {
    kind: 'invalid',
    message: (d: { wanted: 'public' | 'secret' }) =>
      `The key type you try to upload is invalid. The file must hold ${d.wanted} PGP keys only.`,
    remedy: 'Export the keys again: gpg --export for public keys, gpg --export-secret-keys for secret keys.',
  },
  pgpPassphraseInvalid: {
    kind: 'invalid',
    message: () => 'Invalid passphrase.',
    remedy: 'Give the passphrase with which all secret keys of the file are protected.',
  },
  pgpKeyUnprotected: {
    kind: 'invalid',
    message: (d: { keyIds: readonly string[] }) =>
      `Secret keys without a passphrase are not taken: ${d.keyIds.join(', ')}.`,
    remedy: 'Protect them first: gpg --edit-key <key>, then passwd.',
  },
  pgpFileInvalid: {
    kind: 'invalid',
    message: (d: { why: string }) =>
      `File upload impossible due to invalid file format. Select one of the supported file formats. (${d.why})`,
    remedy: 'Give a .gpg (binary) or .asc (armored) file with at least one PGP key.',
  },
  pgpKeyMissing: {
    kind: 'missing',
    message: (d: { keyId: string }) => `There is no PGP key '${d.keyId}'.`,
    remedy: 'Look for its key ID in the list of PGP keys.',
  },
  pgpPassphraseWeak: {
    kind: 'invalid',
    message: (d: { least: number }) => `The passphrase for the export must have at least ${d.least} characters.`,
    remedy: 'Choose a longer passphrase.',
  },
})
