import { wordsOf } from '../../src/base/index.ts'
import { type RunningSluice, startSluice } from '../../test/kit/sluice.ts'
import type { AcceptanceCase } from './acceptance-case.ts'
import type { BundleSource } from './bundle-source.ts'
import { createWorkbench } from './workbench.ts'

export interface Outcome {
  readonly name: string
  readonly proves: string
  /** Why it is not so; undefined where it passes. */
  readonly problem: string | undefined
  readonly notes: readonly string[]
}

/** Runs cases one after the other against one Sluice, started for them. */
export async function runCases(
  cases: readonly AcceptanceCase[],
  source: BundleSource,
  fixtures: string,
  report: (outcome: Outcome) => void = () => {},
): Promise<readonly Outcome[]> {
  const sluice: RunningSluice = await startSluice()
  const outcomes: Outcome[] = []
  try {
    for (const { name, proves, run } of cases) {
      const bench = createWorkbench(sluice, source, fixtures)
      let problem: string | undefined
      let notes: readonly string[] = []
      try {
        notes = (await run(bench)) ?? []
      } catch (thrown) {
        problem = wordsOf(thrown)
      }
      await bench.clear()
      bench.close()
      const outcome = { name, proves, problem, notes }
      outcomes.push(outcome)
      report(outcome)
    }
  } finally {
    await sluice.dispose()
  }
  return outcomes
}
