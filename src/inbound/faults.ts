import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('inbound', {
  addressInvalid: {
    kind: 'invalid',
    message: (d: { address: string; why: string }) => `The address '${d.address}' cannot be served: ${d.why}.`,
    remedy: "Use letters, digits and _ / ~ - . $, begin with '/', and put '*' only at the end, after a '/'.",
  },
  addressTaken: {
    kind: 'conflict',
    message: (d: { address: string; taken: string; owner: string }) =>
      `The address '${d.address}' is taken: the flow '${d.owner}' serves '${d.taken}'.`,
    remedy: 'Choose another address, or undeploy the flow that has it. Addresses are compared without case.',
  },
  listenFailed: {
    kind: 'unavailable',
    message: (d: { host: string; port: number; why: string }) => `Cannot listen at ${d.host}:${d.port}: ${d.why}.`,
    remedy: 'Free the port or set another one; ports below 1024 need a privilege.',
  },
  certificateUnusable: {
    kind: 'invalid',
    message: (d: { why: string }) => `The server certificate cannot be used: ${d.why}.`,
    remedy: 'Give a certificate chain, leaf first, with the private key that belongs to the leaf.',
  },
  questionUnusable: {
    kind: 'invalid',
    message: (d: { why: string }) => `The question cannot be answered: ${d.why}.`,
    remedy: 'Give the path of an endpoint, a method, and a certificate, a token, or name and password.',
  },
  spoolUnusable: {
    kind: 'unavailable',
    message: (d: { folder: string; why: string }) => `The spool folder ${d.folder} cannot be used: ${d.why}.`,
    remedy: 'Make the folder writable for the account of Sluice.',
  },
})
