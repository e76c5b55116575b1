/** Reads scripts without running them, and says what is dangerous or will not work in them. */
export {
  type CodeNarc,
  type CodeNarcAnswer,
  findWithCodeNarc,
  hasGroovy,
} from './codenarc/find-with-codenarc.ts'
export { type Finding, lintBundle, type Severity } from './lint-bundle.ts'
export { mergeFindings } from './merge-findings.ts'
export { type CodeNarcReport, reviewBundles, type ScriptReview } from './review-bundles.ts'
export { createDeployedReviews, type DeployedReviews } from './deployed-reviews.ts'
export { lintReference } from './reference.ts'
export { needsCodeNarc, readLintCodes, refuseFindings } from './refuse-findings.ts'
export { type FindingCode, type LintCode, lintRules } from './rules.ts'
