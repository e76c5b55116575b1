import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('flow', {
  manifestMissing: {
    kind: 'invalid',
    message: (d: { found: string }) => `The bundle has no META-INF/MANIFEST.MF; it holds ${d.found}.`,
    remedy: 'Upload an exported artifact as it is; pack the content of its folder, not the folder.',
  },
  manifestHeaderMissing: {
    kind: 'invalid',
    message: (d: { header: string }) => `META-INF/MANIFEST.MF has no header ${d.header}.`,
    remedy: 'Add the header to the manifest.',
  },
  bundleIdInvalid: {
    kind: 'invalid',
    message: (d: { id: string }) => `The Bundle-SymbolicName '${d.id}' cannot be the id of an artifact.`,
    remedy: "Use letters, digits, '.', '-' and '_' only, at most 150 of them.",
  },
  bundleTypeUnknown: {
    kind: 'unsupported',
    message: (d: { type: string }) => `Bundles of the type '${d.type}' are not supported.`,
    remedy: 'Upload an IntegrationFlow, a ScriptCollection, a MessageMapping or a ValueMapping.',
  },
  signingKeyUnfit: {
    kind: 'invalid',
    message: (d: { why: string }) => `The key cannot sign a bundle: ${d.why}.`,
    remedy: 'Give an RSA or EC key and its certificate, followed by those of the CAs above it.',
  },
  modelCount: {
    kind: 'invalid',
    message: (d: { found: readonly string[] }) =>
      d.found.length === 0
        ? 'The bundle says it is an integration flow, but holds no .iflw file.'
        : `An integration flow has one .iflw file; the bundle holds ${d.found.length}: ${d.found.join(', ')}.`,
    remedy: 'Keep exactly one .iflw file in src/main/resources/scenarioflows/integrationflow.',
  },
  modelInvalid: {
    kind: 'invalid',
    message: (d: { why: string }) => `The .iflw file is no model of an integration flow: ${d.why}.`,
    remedy: 'Export the integration flow again.',
  },
  definitionsInvalid: {
    kind: 'invalid',
    message: (d: { why: string }) => `parameters.propdef cannot be read: ${d.why}.`,
    remedy: 'Correct the file, or remove it; parameters without a definition are texts.',
  },
  componentUnsupported: {
    kind: 'unsupported',
    message: (d: { name: string; type: string }) => `'${d.name}' is a ${d.type}, which Sluice does not support yet.`,
    remedy: 'Remove it or replace it by a supported one; `sluice check` lists all that is missing.',
  },
  componentAmbiguous: {
    kind: 'defect',
    message: (d: { name: string; type: string; answers: readonly string[] }) =>
      `'${d.name}' (${d.type}) is claimed by several parts of Sluice: ${d.answers.join(', ')}.`,
    remedy: 'Report this as a bug of Sluice, with the integration flow.',
  },
  propertyInvalid: {
    kind: 'invalid',
    message: (d: { name: string; property: string; problem: string }) => `'${d.name}': ${d.property} ${d.problem}.`,
    remedy: 'Correct the property in the integration flow, or the parameter that it takes its value from.',
  },
  propertyUnsupported: {
    kind: 'unsupported',
    message: (d: { name: string; property: string; problem: string }) => `'${d.name}': ${d.property} ${d.problem}.`,
    remedy: 'Choose another value of the property.',
  },
  propertyUndeclared: {
    kind: 'unsupported',
    message: (d: { name: string; property: string }) =>
      `'${d.name}': the property ${d.property} is not known and has no effect.`,
    remedy: 'Nothing need be done unless the flow depends on it.',
  },
  parameterEmpty: {
    kind: 'invalid',
    message: (d: { name: string }) => `The parameter '${d.name}' is required, but has no value.`,
    remedy: 'Configure a value before the flow is used.',
  },
  idTwice: {
    kind: 'invalid',
    message: (d: { id: string }) => `The id '${d.id}' stands twice in the model.`,
    remedy: 'Give every element of the model an id of its own.',
  },
  channelDangling: {
    kind: 'invalid',
    message: (d: { name: string; end: string }) =>
      `The channel '${d.name}' leads to '${d.end}', which the model does not have.`,
    remedy: 'Connect the channel with an element of the flow and with a participant, or remove it.',
  },
  channelCount: {
    kind: 'invalid',
    message: (d: { name: string; count: number }) => `'${d.name}' needs one channel, but has ${d.count}.`,
    remedy: 'Connect the step with exactly one receiver.',
  },
  sequenceFlowDangling: {
    kind: 'invalid',
    message: (d: { flow: string; end: string }) =>
      `The sequence flow '${d.flow}' leads to '${d.end}', which its process does not have.`,
    remedy: 'Connect the sequence flow with two elements of the same process, or remove it.',
  },
  processUnknown: {
    kind: 'invalid',
    message: (d: { name: string; process: string }) =>
      `'${d.name}' calls the process '${d.process}', which the model does not have.`,
    remedy: 'Choose a local integration process of the flow.',
  },
  startCount: {
    kind: 'invalid',
    message: (d: { process: string; count: number }) =>
      `The process '${d.process}' has ${d.count} start events instead of one.`,
    remedy: 'Give the process exactly one start event.',
  },
  routerBlind: {
    kind: 'invalid',
    message: (d: { name: string }) => `The router '${d.name}' has neither a condition nor a default route.`,
    remedy: 'Give the routes conditions, and mark one as the default.',
  },
  defaultUnknown: {
    kind: 'invalid',
    message: (d: { name: string; flow: string }) =>
      `The default route '${d.flow}' of '${d.name}' is none of its routes.`,
    remedy: 'Mark one of the routes of the gateway as its default.',
  },
  addressTwice: {
    kind: 'invalid',
    message: (d: { name: string; address: string; other: string }) =>
      `The channels '${d.other}' and '${d.name}' of the flow claim the same address '${d.address}'.`,
    remedy: 'Give each sender channel an address of its own.',
  },
  parameterUnknown: {
    kind: 'invalid',
    message: (d: { name: string }) => `The parameter '{{${d.name}}}' is not defined; its text is kept as it stands.`,
    remedy: 'Define the parameter in parameters.prop, or replace it by a value.',
  },
  elementUnknown: {
    kind: 'missing',
    message: (d: { element: string }) => `The model has no element with the id '${d.element}'.`,
    remedy: 'Name an element of the model by its id.',
  },
  changeForbidden: {
    kind: 'invalid',
    message: (d: { path: string }) => `The file '${d.path}' of a bundle cannot be replaced as a resource.`,
    remedy: 'Change manifest, model and parameters by their own operations; name other files by a relative path.',
  },
  packageInvalid: {
    kind: 'invalid',
    message: (d: { why: string }) => `The file is no package export: ${d.why}.`,
    remedy: 'Export the package again and upload the zip file as it is.',
  },
  contentUnknown: {
    kind: 'invalid',
    message: (d: { found: string }) =>
      `The zip is neither an artifact (META-INF/MANIFEST.MF) nor a package (resources.cnt); it holds ${d.found}.`,
    remedy: 'Upload an exported artifact or package as it is.',
  },
  valueMappingInvalid: {
    kind: 'invalid',
    message: (d: { why: string }) => `value_mapping.xml cannot be read: ${d.why}.`,
    remedy: 'Export the value mapping again.',
  },
})
