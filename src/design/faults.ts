import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('design', {
  packageMissing: {
    kind: 'missing',
    message: (d: { id: string }) => `Requested entity could not be found: there is no integration package '${d.id}'.`,
    remedy: 'Create the package first, or correct its id.',
  },
  packageExists: {
    kind: 'conflict',
    message: (d: { id: string }) => `There is an integration package with the id '${d.id}' already.`,
    remedy: 'Choose another id, or import with Overwrite=true.',
  },
  packageInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The integration package is not valid: ${d.problems.join('; ')}.`,
    remedy: 'Correct what is named.',
  },
  packageReadOnly: {
    kind: 'conflict',
    message: (d: { id: string }) => `The integration package '${d.id}' is read-only.`,
    remedy: 'Copy the artifact into a package of your own and change it there.',
  },
  artifactMissing: {
    kind: 'missing',
    message: (d: { id: string }) =>
      `Requested entity could not be found: there is no artifact '${d.id}' of this type and version.`,
    remedy: "Check id and type, and ask for the version 'active'.",
  },
  artifactExists: {
    kind: 'conflict',
    message: (d: { id: string; packageId: string }) =>
      `There is an artifact with the id '${d.id}' already, in the package '${d.packageId}'.`,
    remedy: 'Choose another id, or update the artifact that is there.',
  },
  artifactInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The artifact is not valid: ${d.problems.join('; ')}.`,
    remedy: 'Correct what is named.',
  },
  idDiffers: {
    kind: 'invalid',
    message: (d: { id: string; found: string }) =>
      `The content belongs to '${d.found}', not to '${d.id}': the Bundle-SymbolicName in META-INF/MANIFEST.MF must be the id.`,
    remedy: 'Correct the Bundle-SymbolicName, or update the artifact that the content belongs to.',
  },
  typeDiffers: {
    kind: 'invalid',
    message: (d: { expected: string; found: string }) => `The content is of the type ${d.found}, not ${d.expected}.`,
    remedy: 'Send it to the entity set of its type.',
  },
  contentMissing: {
    kind: 'invalid',
    message: (d: { type: string }) => `A ${d.type} cannot be created without content.`,
    remedy: 'Give its zip, base64-encoded, in ArtifactContent.',
  },
  versionInvalid: {
    kind: 'invalid',
    message: (d: { version: string }) => `'${d.version}' is not a version.`,
    remedy: 'Write three numbers, such as 1.0.2.',
  },
  versionLower: {
    kind: 'conflict',
    message: (d: { version: string; current: string }) =>
      `The version ${d.version} is lower than the current version ${d.current}.`,
    remedy: 'Choose a higher version.',
  },
  draftInPackage: {
    kind: 'conflict',
    message: (d: { ids: readonly string[] }) => `The package holds drafts and cannot be exported: ${d.ids.join(', ')}.`,
    remedy: 'Save each of them as a version first.',
  },
  parameterMissing: {
    kind: 'missing',
    message: (d: { name: string; id: string }) =>
      `Requested entity could not be found: '${d.id}' has no parameter '${d.name}'.`,
    remedy: 'Read the configurations of the artifact for the names of its parameters.',
  },
  parameterInvalid: {
    kind: 'invalid',
    message: (d: { name: string; problem: string }) => `The parameter '${d.name}' ${d.problem}.`,
    remedy: 'Give a value of the type of the parameter.',
  },
  resourceMissing: {
    kind: 'missing',
    message: (d: { name: string; type: string }) =>
      `Requested entity could not be found: there is no resource '${d.name}' of the type '${d.type}'.`,
    remedy: 'Read the resources of the artifact for names and types.',
  },
  resourceExists: {
    kind: 'conflict',
    message: (d: { name: string; type: string }) => `There is a resource '${d.name}' of the type '${d.type}' already.`,
    remedy: 'Update the resource, or choose another name.',
  },
  resourceInvalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The resource is not valid: ${d.problems.join('; ')}.`,
    remedy: 'Correct what is named.',
  },
})
