import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'

it('what is generated is fresh', () => {
  const { status, stderr } = spawnSync(process.execPath, ['tools/generate.ts', '--check'], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
})
