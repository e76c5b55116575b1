import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { silentLog } from '../base/index.ts'
import type { CodeNarc } from '../lint/index.ts'
import type { Session } from './session.ts'

/** CodeNarc on this machine. What runs it is loaded only when there is something to read. */
export const localCodeNarc = ({ environment }: Pick<Session, 'environment'>): CodeNarc => ({
  review: (scripts, rules) =>
    withCache(environment, async (cacheFolder) => {
      const { createCodeNarc } = await import('../scripts/index.ts')
      return createCodeNarc({ cacheFolder, log: silentLog, environment }).review(scripts, rules)
    }),
})

/** The user's own cache; where he has none, a folder for this once: one that others can write holds no programs. */
async function withCache<Result>(
  { XDG_CACHE_HOME: cache, HOME: home }: Session['environment'],
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  if (cache) return use(join(cache, 'sluice'))
  if (home) return use(join(home, '.cache', 'sluice'))
  const folder = await mkdtemp(join(tmpdir(), 'sluice-codenarc-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
