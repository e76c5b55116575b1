import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('odata', {
  addressMalformed: {
    kind: 'invalid',
    message: (d: { why: string }) => `The address cannot be read: ${d.why}.`,
    remedy: "Write it as Set('key') or Set(Name='x',Other='y') and percent-encode special characters.",
  },
  keyMismatch: {
    kind: 'invalid',
    message: (d: { type: string; expected: string }) => `The key of ${d.type} must be given as ${d.expected}.`,
    remedy: 'Correct the key in the address; $metadata lists the key of each entity.',
  },
  segmentUnknown: {
    kind: 'missing',
    message: (d: { segment: string }) => `There is no resource '${d.segment}' here.`,
    remedy: 'The service document lists the entity sets, $metadata their properties and navigations.',
  },
  // Clients search an answer for the words "Requested entity could not be found".
  entityMissing: {
    kind: 'missing',
    message: (d: { set: string }) => `Requested entity could not be found in ${d.set}.`,
    remedy: 'Check the key; names are case-sensitive.',
  },
  valueMissing: {
    kind: 'missing',
    message: (d: { set: string }) => `Requested entity could not be found: this entry of ${d.set} has no content.`,
    remedy: 'Read the entry without $value.',
  },
  methodNotAllowed: {
    kind: 'invalid',
    message: (d: { method: string; resource: string; allowed: string }) =>
      `${d.method} is not allowed on ${d.resource}.`,
    remedy: (d: { allowed: string }) => `Allowed here: ${d.allowed}.`,
  },
  patchUnsupported: {
    kind: 'unsupported',
    message: (d: { resource: string }) => `PATCH is not supported on ${d.resource}.`,
    remedy: 'Send the whole entity with PUT.',
  },
  batchUnsupported: {
    kind: 'unsupported',
    message: () => 'Batch requests ($batch) are not supported yet.',
    remedy: 'Send the requests of the batch one by one.',
  },
  optionUnsupported: {
    kind: 'unsupported',
    message: (d: { option: string }) => `The query option ${d.option} is not supported here.`,
    remedy: 'Leave the option out.',
  },
  optionInvalid: {
    kind: 'invalid',
    message: (d: { option: string; why: string }) => `The query option ${d.option} ${d.why}.`,
    remedy: 'Correct the query option.',
  },
  filterMalformed: {
    kind: 'invalid',
    message: (d: { why: string; position: number }) => `$filter cannot be read at character ${d.position}: ${d.why}.`,
    remedy: "Write comparisons such as Status eq 'FAILED', joined with and, or and not.",
  },
  filterUnsupported: {
    kind: 'unsupported',
    message: (d: { what: string }) => `$filter uses ${d.what}, which is not supported.`,
    remedy: 'Use eq, ne, gt, ge, lt, le, and, or, not, substringof, startswith and endswith.',
  },
  propertyUnknown: {
    kind: 'invalid',
    message: (d: { property: string; type: string }) => `${d.type} has no property '${d.property}'.`,
    remedy: '$metadata lists the properties of each entity.',
  },
  bodyInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The body is not valid: ${d.problems.join('; ')}.`,
    remedy: 'Correct what is named; $metadata lists the properties of each entity.',
  },
  mediaTypeUnsupported: {
    kind: 'invalid',
    message: (d: { contentType: string }) => `A body of the type '${d.contentType}' is not accepted here.`,
    remedy: 'Send the body with Content-Type: application/json.',
  },
  parameterInvalid: {
    kind: 'invalid',
    message: (d: { name: string; problems: readonly string[] }) =>
      `${d.name} cannot be called so: ${d.problems.join('; ')}.`,
    remedy: "Give the parameters in the query as quoted literals, such as ?Id='x'&Version='active'.",
  },
})
