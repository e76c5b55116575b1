import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('message', {
  bodyNotXml: {
    kind: 'failed',
    message: (d: { why: string }) => `The body is not well-formed XML: ${d.why}`,
    remedy: 'Check what the sender or the step before produced; a trace shows the body at each step.',
  },
  charsetUnknown: {
    kind: 'failed',
    message: (d: { charset: string }) => `The character set '${d.charset}' is not known.`,
    remedy: 'Correct the charset of the Content-Type header or the property CamelCharsetName.',
  },
})
