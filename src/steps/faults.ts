import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('steps', {
  valueNotConverted: {
    kind: 'failed',
    message: (d: { name: string; datatype: string }) => `The value of '${d.name}' is not a ${d.datatype}.`,
    remedy: 'Correct the data type of the row, or make its source yield a value of that type.',
  },
  variableMissing: {
    kind: 'failed',
    message: (d: { variable: string; scope: string }) => `The ${d.scope} variable '${d.variable}' does not exist.`,
    remedy: 'Write the variable first, or give the row a default.',
  },
  conditionMissing: {
    kind: 'invalid',
    message: (d: { flow: string }) =>
      `The sequence flow '${d.flow}' leaves the router without a condition and is not the default.`,
    remedy: 'Give the route a condition, or make it the default route.',
  },
  noRoute: {
    kind: 'failed',
    message: (d: { router: string }) => `No condition of the router '${d.router}' is true.`,
    remedy: 'Look at the message at the router in a trace; correct the conditions, or let the default route take it.',
  },
  sendToProcessDirect: {
    kind: 'invalid',
    message: () => 'The step Send cannot call a ProcessDirect channel.',
    remedy: 'Use Request Reply to call another flow by ProcessDirect.',
  },
  loopMaximumInvalid: {
    kind: 'invalid',
    message: (d: { given: string }) =>
      `The maximum number of iterations must be a whole number from 1 to 2147483647, not '${d.given}'.`,
    remedy: 'Correct the maximum number of iterations of the looping process call.',
  },
  loopConditionMissing: {
    kind: 'invalid',
    message: () => 'The looping process call has no condition.',
    remedy: 'Enter the condition under which the loop goes on.',
  },
  loopLimit: {
    kind: 'failed',
    message: (d: { maximum: number }) => `The loop condition was still true after ${d.maximum} iterations.`,
    remedy:
      'Correct the loop condition, raise the maximum number of iterations, or choose to end the loop at the limit.',
  },
  errorEnd: {
    kind: 'failed',
    message: (d: { event: string }) => `The process ended at the error end event '${d.event}'.`,
    remedy: 'The flow raises this error by design; look at the route that leads to the event.',
  },
  base64Invalid: {
    kind: 'failed',
    message: () => 'The body is not Base64.',
    remedy: 'Check what the step before produced; Base64 has the letters A-Z a-z 0-9 + / and = at its end.',
  },
  zipNotOneFile: {
    kind: 'failed',
    message: (d: { count: number }) => `The zip archive holds ${d.count} files; exactly one can become the body.`,
    remedy: 'Have the sender pack one file for each message.',
  },
  sequenceIncomplete: {
    kind: 'invalid',
    message: (d: { flow: string }) => `The routing sequence names '${d.flow}', which does not leave the multicast.`,
    remedy: 'Correct the routing sequence so that it lists the branches of the multicast.',
  },
  branchesNotFinished: {
    kind: 'failed',
    message: (d: { millis: number }) => `The branches did not end within ${d.millis} ms.`,
    remedy: 'Raise the timeout, or look for the step that is slow.',
  },
  nothingToGather: {
    kind: 'failed',
    message: (d: { step: string }) => `The step '${d.step}' was reached by a message that no splitter or join made.`,
    remedy: 'Put the gather behind a splitter, or behind the join of a multicast.',
  },
  gatherNodesMissing: {
    kind: 'failed',
    message: (d: { path: string }) => `The target path '${d.path}' matches nothing in the first message.`,
    remedy: 'Correct the target path of the gather; empty means the root element.',
  },
  splitTokenMissing: {
    kind: 'invalid',
    message: () => 'The splitter has no token or expression to split at.',
    remedy: 'Enter the token or the XPath of the splitter.',
  },
  jsonInvalid: {
    kind: 'failed',
    message: (d: { why: string }) => `The body is not the JSON expected: ${d.why}`,
    remedy: 'Check what the sender or the step before produced; a trace shows the body at each step.',
  },
  xmlTooDeep: {
    kind: 'failed',
    message: (d: { levels: number }) => `The XML is nested deeper than ${d.levels} levels.`,
    remedy: 'Check what the sender or the step before produced; a trace shows the body at each step.',
  },
  xmlNameInvalid: {
    kind: 'failed',
    message: (d: { name: string }) => `The JSON member '${d.name}' cannot be the name of an XML element or attribute.`,
    remedy: 'Rename the member before the conversion; names begin with a letter or _ and hold no blanks.',
  },
  recordPathInvalid: {
    kind: 'invalid',
    message: (d: { path: string }) => `'${d.path}' is not a path of element names such as /root/row.`,
    remedy: 'Write the path as names separated by slashes, without predicates.',
  },
})
