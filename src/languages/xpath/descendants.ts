const name = String.raw`(?:[\p{L}_][\p{L}\p{N}_.-]*|\*)(?::(?:[\p{L}_][\p{L}\p{N}_.-]*|\*))?`
const path = String.raw`@?${name}(?:\/@?${name})*`
/** A predicate that only asks whether something is there or equal, and never for a position. */
const plainPredicate = String.raw`\[\s*${path}\s*(?:!?=\s*(?:"[^"]*"|'[^']*'|\d+|\$[\p{L}_][\p{L}\p{N}_.-]*)\s*)?\]`
const step = new RegExp(
  String.raw`"[^"]*"|'[^']*'|\/\/\s*(?<test>(?:${name})(?![\p{L}\p{N}_.:-])|text\(\))(?<predicate>${plainPredicate})?(?!\s*[[(])`,
  'gu',
)

/**
 * Writes `//name` as `/descendant::name`, which fontoxpath walks several times faster and which means the same as long
 * as no predicate asks for a position: `//b[1]` is the first b of each parent and stays as it is.
 */
export function withDescendantAxis(expression: string): string {
  // Comments may hold anything, quotes too.
  if (expression.includes('(:')) return expression
  return expression.replaceAll(step, (found, ...groups) => {
    const { test, predicate = '' } = groups.at(-1) as { readonly test?: string; readonly predicate?: string }
    return test === undefined ? found : `/descendant::${test}${predicate}`
  })
}
