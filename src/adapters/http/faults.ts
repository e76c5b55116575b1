import { declareFaults } from '../../base/index.ts'
import type { FailedResponse } from '../../flow/index.ts'

export const faults = declareFaults('http', {
  failed: {
    kind: 'failed',
    message: (d: { url: string; redirect?: string; response: FailedResponse }) =>
      `HTTP operation failed invoking ${d.url} with statusCode: ${d.response.status}${d.redirect ? ` and redirectLocation: ${d.redirect}` : ''}`,
    remedy:
      'Read the body of the answer, which is attached to the message log; correct the request or ask the receiver.',
  },
  addressInvalid: {
    kind: 'failed',
    message: (d: { why: string }) => `The address of the HTTP receiver cannot be called: ${d.why}`,
    remedy: 'Correct the address of the channel, or the headers CamelHttpUri and CamelHttpPath and what sets them.',
  },
  methodInvalid: {
    kind: 'failed',
    message: (d: { method: string }) => `'${d.method.slice(0, 40)}' is not a method that can be called.`,
    remedy: 'Make the method expression yield GET, POST, PUT, PATCH, DELETE, HEAD, TRACE or OPTIONS.',
  },
})
