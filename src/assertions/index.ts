/** Assertions: reading SAML 2.0 and JWT assertions strictly, making them, explaining them. Knows no database. */
export * from './contracts.ts'
export {
  type AssertionRequest,
  makeAssertion,
  sentForm,
  signAssertion,
  type SigningOptions,
} from './assertion-request.ts'
export { checks, type CheckCode } from './checks.ts'
export { createAssertionReader } from './create-assertion-reader.ts'
export { faults as assertionFaults } from './faults.ts'
export { makeJwtAssertion } from './make-jwt-assertion.ts'
export { makeSamlAssertion, unsignedAssertion } from './make-saml-assertion.ts'
export { signSamlAssertion } from './sign-saml-assertion.ts'
export { verifySignedMetadata } from './signed-metadata.ts'
export { joseNames, usualName } from './signature-algorithms.ts'
export type { Finding } from './trail.ts'
export {
  explainAssertion,
  type ExplainedFinding,
  type ExplainGiven,
  type Explanation,
  plainProvider,
} from './explain-assertion.ts'
export type { Fact } from './facts-of-assertion.ts'
