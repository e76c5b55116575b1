import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('runtime', {
  notDeployable: {
    kind: 'unsupported',
    message: (d: { flow: string; problems: readonly unknown[]; first: string }) =>
      `The flow '${d.flow}' cannot be deployed: ${d.first}${d.problems.length > 1 ? ` (and ${d.problems.length - 1} more)` : ''}`,
    remedy: 'Run `sluice check` on the bundle: it lists every part that stands in the way, with its place.',
  },
  typeUnsupported: {
    kind: 'unsupported',
    message: (d: { type: string; artifact: string }) => `'${d.artifact}' is a ${d.type}, which Sluice cannot run yet.`,
    remedy: 'Keep it in its package; flows that refer to it are refused when they are deployed.',
  },
  processMissing: {
    kind: 'invalid',
    message: (d: { process: string }) => `The flow has no process with the id '${d.process}'.`,
    remedy: 'Select an existing local process in the process call.',
  },
  channelMissing: {
    kind: 'invalid',
    message: (d: { element: string }) => `The element '${d.element}' calls no receiver.`,
    remedy: 'Connect the element to a receiver by a channel.',
  },
  startMissing: {
    kind: 'invalid',
    message: (d: { process: string }) => `The process '${d.process}' has no start event.`,
    remedy: 'Add one start event to the process.',
  },
  addressUnknown: {
    kind: 'failed',
    message: (d: { address: string }) => `No consumers available on endpoint: ProcessDirect://${d.address}`,
    remedy: 'Deploy the flow that listens at this address, or correct the address.',
  },
  addressTaken: {
    kind: 'conflict',
    message: (d: { address: string; owner: string }) =>
      `The ProcessDirect address '${d.address}' belongs to the flow '${d.owner}'.`,
    remedy: 'Choose another address, or undeploy the other flow first.',
  },
  addressEmpty: {
    kind: 'invalid',
    message: () => 'The ProcessDirect address is empty.',
    remedy: 'Configure the address of the ProcessDirect channel.',
  },
  grantMissing: {
    kind: 'denied',
    message: (d: { flow: string; what: string; alias: string; use: 'use' | 'read' }) =>
      `The flow '${d.flow}' may not ${d.use} the ${d.what} '${d.alias}': it has no grant for it.`,
    remedy:
      'Name the alias in the channel, or as a literal in the script, and deploy again; or let an administrator grant it to the flow.',
  },
  capabilityMissing: {
    kind: 'denied',
    message: (d: { flow: string; what: string; name: string }) =>
      `The scripts of the flow '${d.flow}' may not use the ${d.what} '${d.name}': it is not in the manifest of its capabilities.`,
    remedy:
      'Call it in the script in plain words (sluice capabilities show lists what is found there), and deploy again.',
  },
  impersonationMissing: {
    kind: 'denied',
    message: (d: { flow: string; alias: string }) =>
      `The flow '${d.flow}' may not name a user itself with '${d.alias}': it has no grant of the kind impersonation.`,
    remedy: 'Leave the user of the channel empty to pass on who called, or let an administrator grant impersonation.',
  },
  cancelled: {
    kind: 'timeout',
    message: (d: { why: string }) => `The message was cancelled: ${d.why}.`,
    remedy: 'Look at the step that was running; raise the deadline only if its work really takes so long.',
  },
  callDepth: {
    kind: 'failed',
    message: (d: { limit: number }) => `Flows and processes call each other more than ${d.limit} levels deep.`,
    remedy: 'Look for a ProcessDirect call or process call that leads back to itself.',
  },
  stepCount: {
    kind: 'failed',
    message: (d: { limit: number }) => `The message ran through more than ${d.limit} steps.`,
    remedy: 'Look for sequence flows that form a circle.',
  },
})
