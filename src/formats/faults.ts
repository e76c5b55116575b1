import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('formats', {
  xmlMalformed: {
    kind: 'invalid',
    message: (d: { why: string }) => `The XML is not well-formed: ${d.why}`,
    remedy: 'Correct the XML at the position named.',
  },
  xmlEntities: {
    kind: 'invalid',
    message: (d: { name: string }) => `The XML declares the entity '${d.name}', which is external or expands too far.`,
    remedy: 'Remove the entity declaration; Sluice never loads external entities.',
  },
})
