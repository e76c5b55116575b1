import { declareFaults } from '../base/index.ts'

/** What can go wrong with a call over HTTP, whoever makes it. */
export const faults = declareFaults('http', {
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
