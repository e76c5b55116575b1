import type { Finding } from './lint-bundle.ts'

/** Our findings with those of CodeNarc, by file and line; what both tell of a line is told by ours. */
export function mergeFindings(ours: readonly Finding[], theirs: readonly Finding[]): readonly Finding[] {
  const unused = new Set(ours.filter(({ code }) => code === 'unused-import').map(({ file, line }) => `${file}:${line}`))
  const more = theirs.filter(
    ({ code, file, line }) => code !== 'codenarc.DuplicateImport' || !unused.has(`${file}:${line}`),
  )
  return [...Map.groupBy([...ours, ...more], ({ file }) => file).values()].flatMap((each) =>
    each.toSorted((a, b) => a.line - b.line),
  )
}
