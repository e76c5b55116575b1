import type { Severity } from '../rules.ts'

/** A rule of CodeNarc that we let look at scripts, in our words. */
export interface CodeNarcRule {
  readonly severity: Severity
  readonly message: string
  readonly advice: string
  /** Its description by CodeNarc. */
  readonly page: string
}

export type CodeNarcRules = Readonly<Record<string, CodeNarcRule>>

type Words = readonly [severity: Severity, message: string, advice: string]

/** The rules of a group of CodeNarc, by their names there. */
export const inGroup = <const Name extends string>(
  group: string,
  rules: Readonly<Record<Name, Words>>,
): Readonly<Record<Name, CodeNarcRule>> =>
  Object.fromEntries(
    Object.entries<Words>(rules).map(([name, [severity, message, advice]]) => [
      name,
      {
        severity,
        message,
        advice,
        page: `https://codenarc.org/codenarc-rules-${group}.html#${name.toLowerCase()}-rule`,
      },
    ]),
  ) as Readonly<Record<Name, CodeNarcRule>>
