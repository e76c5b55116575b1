// Starts the control process. Node strips the types of each source file it loads, and the stripper alone takes 30 MB in
// every process. Its results are kept in a cache on disk; a first start fills the cache in a process of its own.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const cache = join(resolve(process.env.SLUICE_DATA || 'data'), 'cache', 'code')
const filled = join(cache, `filled-${process.version}`)
if (!existsSync(filled)) {
  process.umask(0o077)
  mkdirSync(cache, { recursive: true })
  const env = { ...process.env, NODE_COMPILE_CACHE: cache }
  const fill = fileURLToPath(new URL('fill-cache.js', import.meta.url))
  // Without the cache everything works, with more memory: a failure here is no reason not to start.
  const { status } = spawnSync(process.execPath, [fill], { env, stdio: 'ignore' })
  if (status === 0) writeFileSync(filled, '')
}
enableCompileCache(cache)
const { runControl } = await import('../src/app/run-control.ts')
await runControl()
