import { faults } from './faults.ts'

/** Limits on content that is unpacked; each has a default. */
export interface ReadLimits {
  /** Files and folders; 10,000. */
  readonly entries?: number
  /** Bytes of all files together, unpacked; 256 MB. */
  readonly bytes?: number
}

/** Counts what is read against the limits. One budget goes through a package and all the bundles inside it. */
export interface ReadBudget {
  /** @throws formats.tooManyEntries */
  readonly takeEntry: () => void
  /** @throws formats.tooLarge */
  readonly takeBytes: (count: number, entry: string) => void
}

export function createReadBudget({ entries = 10_000, bytes = 256 * 1024 * 1024 }: ReadLimits = {}): ReadBudget {
  let entriesTaken = 0
  let bytesTaken = 0
  return {
    takeEntry() {
      entriesTaken += 1
      if (entriesTaken > entries) throw faults.tooManyEntries({ limit: entries })
    },
    takeBytes(count, entry) {
      bytesTaken += count
      if (bytesTaken > bytes) throw faults.tooLarge({ entry, limit: bytes })
    },
  }
}
