import { faults } from './faults.ts'

/** Version of an artifact that was changed since it was last saved as a version. */
export const draft = 'Active'

/** True when a version given in an address means what is in the workspace now; `active` is written in any case. */
export const isCurrent = (asked: string, current: string): boolean =>
  asked.toLowerCase() === 'active' || asked === current

/** @throws design.versionInvalid, design.versionLower */
export function checkNextVersion(version: string, current: string): void {
  if (!/^\d{1,9}\.\d{1,9}\.\d{1,9}$/.test(version)) throw faults.versionInvalid({ version })
  const [next, last] = [numbersOf(version), numbersOf(current)]
  const differing = next.findIndex((part, index) => part !== (last[index] ?? 0))
  if (differing >= 0 && (next[differing] ?? 0) < (last[differing] ?? 0)) throw faults.versionLower({ version, current })
}

const numbersOf = (version: string): readonly number[] =>
  version.split('.').map((part) => Number.parseInt(part, 10) || 0)
