import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('secrets', {
  credentialUnknown: {
    kind: 'missing',
    message: (d: { alias: string }) => `There is no user credential '${d.alias}'.`,
    remedy: 'Deploy a user credential with this name, or correct the name in the flow.',
  },
  nameTaken: {
    kind: 'conflict',
    message: (d: { name: string }) => `The name '${d.name}' is taken by another security material.`,
    remedy: 'Choose another name, or update the existing one.',
  },
})
