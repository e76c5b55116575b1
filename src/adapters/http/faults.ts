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
  requestInvalid: {
    kind: 'failed',
    message: (d: { why: string }) => `The request cannot be sent: ${d.why}.`,
    remedy: 'Look for line breaks or characters outside Latin-1 in the header named.',
  },
  unreachable: {
    kind: 'unavailable',
    message: (d: { url: string; why: string }) => `No answer from ${d.url}: ${d.why}`,
    remedy:
      'Check that the host name and port are right, that the receiver runs, and that firewalls let the call through.',
  },
  timeout: {
    kind: 'timeout',
    message: (d: { url: string; millis: number }) => `No answer from ${d.url} within ${d.millis} ms.`,
    remedy: 'Raise the timeout of the channel, or find out why the receiver is slow.',
  },
  tls: {
    kind: 'failed',
    message: (d: { url: string; why: string }) => `No secure connection to ${d.url}: ${d.why}`,
    remedy:
      'Check that the certificate of the receiver is valid for its host name; where Node does not trust its authority, put that certificate into the keystore.',
  },
  answerInvalid: {
    kind: 'failed',
    message: (d: { url: string; why: string }) => `The answer from ${d.url} cannot be read: ${d.why}`,
    remedy: 'Ask the operator of the receiver to correct what it sends.',
  },
  answerTooLarge: {
    kind: 'exhausted',
    message: (d: { url: string; limit: number }) => `The answer from ${d.url} is larger than ${d.limit} bytes.`,
    remedy: 'Ask the receiver for less at a time, for example by paging.',
  },
})
