import { Fault } from '../base/index.ts'
import type { Bundle } from '../flow/index.ts'
import { type CodeNarc, findWithCodeNarc, hasGroovy } from './codenarc/find-with-codenarc.ts'
import { type Finding, lintBundle } from './lint-bundle.ts'
import { mergeFindings } from './merge-findings.ts'

/** Whether CodeNarc looked at the Groovy scripts of a bundle, and why not. */
export type CodeNarcReport =
  | { readonly status: 'ran' | 'nothing to read' | 'left out' }
  | { readonly status: 'failed'; readonly why: string }

/** All that rules find in the scripts of a bundle, and whether that is all. */
export interface ScriptReview {
  readonly codeNarc: CodeNarcReport
  readonly findings: readonly Finding[]
}

/** The reviews of bundles; without CodeNarc where it is left out, or cannot run, which they say. */
export async function reviewBundles(
  bundles: readonly Bundle[],
  codeNarc: CodeNarc | undefined,
): Promise<readonly ScriptReview[]> {
  const read = await readAll(bundles, codeNarc)
  return bundles.map((bundle, index) => ({
    codeNarc: hasGroovy(bundle) ? read.report : { status: 'nothing to read' },
    findings: mergeFindings(lintBundle(bundle), read.findings[index] ?? []),
  }))
}

async function readAll(
  bundles: readonly Bundle[],
  codeNarc: CodeNarc | undefined,
): Promise<{ readonly report: CodeNarcReport; readonly findings: readonly (readonly Finding[])[] }> {
  if (codeNarc === undefined) return { report: { status: 'left out' }, findings: [] }
  if (!bundles.some(hasGroovy)) return { report: { status: 'nothing to read' }, findings: [] }
  try {
    return { report: { status: 'ran' }, findings: await findWithCodeNarc(bundles, codeNarc) }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { report: { status: 'failed', why: error.message }, findings: [] }
  }
}
