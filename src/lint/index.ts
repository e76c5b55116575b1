/** Reads scripts without running them, and says what is dangerous or will not work in them. */
export { type Finding, lintBundle, type Severity } from './lint-bundle.ts'
export { lintReference } from './reference.ts'
export { readLintCodes, refuseFindings } from './refuse-findings.ts'
export { type LintCode, lintRules } from './rules.ts'
