import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { faults } from './faults.ts'

/**
 * Holds the folder for this process until the lock is released or the process is gone, however it went. SQLite's lock
 * on an empty file is the one lock of the operating system that Node offers.
 * @throws monitor.journalInUse
 */
export function lockJournal(folder: string): { readonly release: () => void } {
  const file = new DatabaseSync(join(folder, 'lock'), { timeout: 0 })
  try {
    file.exec('begin exclusive')
  } catch (cause) {
    file.close()
    throw faults.journalInUse({ folder }, { cause })
  }
  return {
    release: () => {
      if (file.isOpen) file.close()
    },
  }
}
