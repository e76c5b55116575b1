import { declareFaults } from '../base/index.ts'

/** An expression in a message, cut where it is too long to read. */
const shown = (expression: string): string => (expression.length > 200 ? `${expression.slice(0, 200)}…` : expression)

export const faults = declareFaults('languages', {
  simpleMalformed: {
    kind: 'invalid',
    message: (d: { expression: string; position: number; why: string }) =>
      `The expression "${shown(d.expression)}" cannot be read at character ${d.position}: ${d.why}`,
    remedy: 'Correct the expression; it follows the Simple language of Apache Camel.',
  },
  simpleFunctionUnknown: {
    kind: 'unsupported',
    message: (d: { expression: string; position: number; name: string }) =>
      `The expression "${shown(d.expression)}" uses the function '${d.name}' at character ${d.position}, which is not known.`,
    remedy: 'Use a function of the Simple language that Sluice supports, or a script.',
  },
  simpleMethodUnknown: {
    kind: 'unsupported',
    message: (d: { expression: string; method: string }) =>
      `The expression "${shown(d.expression)}" calls '${d.method}', which is not known for this value.`,
    remedy: 'Use one of the supported methods of String, List, Map, NodeList or Number, or a script.',
  },
  simpleCallFailed: {
    kind: 'failed',
    message: (d: { expression: string; method: string; why: string }) =>
      `In the expression "${shown(d.expression)}" the call of '${d.method}' failed: ${d.why}`,
    remedy: 'Check the value that the method is called on; a trace shows headers and properties at each step.',
  },
  simpleDateMissing: {
    kind: 'failed',
    message: (d: { expression: string; command: string }) =>
      `The expression "${shown(d.expression)}" needs a date, but '${d.command}' holds none.`,
    remedy: 'Put a date, or milliseconds since 1970, into the header or property before this step.',
  },
  regexMalformed: {
    kind: 'invalid',
    message: (d: { pattern: string; why: string }) =>
      `The regular expression "${shown(d.pattern)}" is not valid: ${d.why}`,
    remedy:
      'Correct the pattern. Look-around and back-references are not available, because they allow endless matching.',
  },
  headerPatternMalformed: {
    kind: 'invalid',
    message: (d: { entry: string; why: string }) =>
      `The entry "${shown(d.entry)}" of the allowed headers is not valid: ${d.why}`,
    remedy: 'Write a header name, a regular expression such as SAP_.*, or * alone for all headers.',
  },
  namespaceMappingMalformed: {
    kind: 'invalid',
    message: (d: { entry: string }) =>
      `The entry "${shown(d.entry)}" of the namespace mapping is not of the form xmlns:prefix=uri.`,
    remedy: 'Correct the namespace mapping of the flow; entries are separated by semicolons.',
  },
  datePatternMalformed: {
    kind: 'invalid',
    message: (d: { pattern: string; why: string }) => `The date pattern "${shown(d.pattern)}" is not valid: ${d.why}`,
    remedy: 'Correct the pattern; it follows the SimpleDateFormat of Java, with literal text in single quotes.',
  },
  dateMalformed: {
    kind: 'failed',
    message: (d: { text: string; pattern: string }) =>
      `The text "${shown(d.text)}" is not a date of the form "${d.pattern}".`,
    remedy: 'Check the text, or correct the pattern that it is read with.',
  },
  xpathMalformed: {
    kind: 'invalid',
    message: (d: { expression: string; why: string }) => `The XPath "${shown(d.expression)}" is not valid: ${d.why}`,
    remedy: 'Correct the expression; it follows XPath 3.1.',
  },
  xpathPrefixUnknown: {
    kind: 'invalid',
    message: (d: { expression: string; prefix: string }) =>
      `The XPath "${shown(d.expression)}" uses the prefix '${d.prefix}', which the flow does not declare.`,
    remedy: "Add the prefix to the namespace mapping of the flow, as in 'xmlns:prefix=uri'.",
  },
  xpathFailed: {
    kind: 'failed',
    message: (d: { expression: string; why: string }) => `The XPath "${shown(d.expression)}" failed: ${d.why}`,
    remedy: 'Check the expression against the body at this step; a trace shows it.',
  },
  xpathEmptyBody: {
    kind: 'failed',
    message: (d: { expression: string }) =>
      `The XPath "${shown(d.expression)}" needs an XML body, but the body is empty.`,
    remedy: 'Check why the step before yields no body, or do not evaluate the expression in this case.',
  },
  scheduleMalformed: {
    kind: 'invalid',
    message: (d: { schedule: string; why: string }) => `The schedule "${shown(d.schedule)}" cannot be read: ${d.why}`,
    remedy:
      'Correct the schedule of the timer; its expression follows Quartz: second minute hour day month weekday year.',
  },
})
