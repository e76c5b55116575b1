/** A process that records messages as fast as it can, and reports on its standard output what was recorded. */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog, systemClock } from '../../src/base/index.ts'
import type { DatabasePlace } from '../../src/database/index.ts'
import { createIngest, createJournal } from '../../src/monitor/index.ts'
import { ended, started, step } from './messages.ts'

const [text = '', round = ''] = process.argv.slice(2)
const place = JSON.parse(text) as DatabasePlace
const folder = join(place.folder, 'journal')
const module = new URL('../../src/database/message-log-opener.ts', import.meta.url)
const ingest = createIngest({ folder, node: 'node-1', opener: { module, place }, log: silentLog })
const journal = createJournal({
  folder,
  segmentBytes: 500_000,
  clock: systemClock,
  log: silentLog,
  written: ingest.wake,
})
await ingest.start()

/** Writes at once, however full the pipe is: a report that waits in memory would be lost with the process. */
function report(lines: string): void {
  for (let rest = Buffer.from(lines); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EAGAIN') throw thrown
    }
  }
}

for (let turn = 0; ; turn++) {
  const reports: string[] = []
  for (let index = 0; index < 1 + (turn % 7); index++) {
    const id = `${round}-${turn}-${index}`
    if (index === 0) {
      journal.append(started(id))
      reports.push(`started ${id}\n`)
    } else {
      journal.append(ended(id, { steps: [step('S1'), step('S2'), step('S3')] }))
      reports.push(`ended ${id}\n`)
    }
  }
  await journal.flushed()
  report(reports.join(''))
}
