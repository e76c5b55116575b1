/**
 * The pages for administrators are run as their readers would: every `sh` block of a page, in order, in one shell, against
 * a Sluice that has just been started. A line `# prints …` after a command must be found in what the block printed.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { type RunningSluice, startSluice } from '../kit/sluice.ts'
import { temporaryFolder } from '../kit/temporary-folder.ts'

const root = join(import.meta.dirname, '..', '..')
const pages = globSync(join(root, 'docs', '{auth,inbound,scripts,vault}', '*.md')).filter(
  (page) => blocksOf(page).length > 0,
)

function blocksOf(page: string): readonly string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
}

const expectationsOf = (block: string): readonly string[] =>
  [...block.matchAll(/^# prints (.+)$/gm)].map(([, text = '']) => text.trim())

const border = '@@ end of block'

describe('the pages for administrators', () => {
  let sluice: RunningSluice
  let folder: string
  before(async () => {
    sluice = await startSluice()
    folder = temporaryFolder('docs')
    const command = join(folder, 'sluice')
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'src', 'cli', 'main.ts')}' "$@"\n`)
    chmodSync(command, 0o755)
  })
  after(async () => {
    await sluice?.dispose()
  })

  it('there are some', () => assert.ok(pages.length > 5, String(pages.length)))

  for (const page of pages)
    it(relative(root, page), async () => {
      const blocks = blocksOf(page)
      const outputs = await run(blocks, sluice, folder)
      for (const [index, block] of blocks.entries()) {
        let rest = outputs[index] ?? ''
        for (const text of expectationsOf(block)) {
          const at = rest.indexOf(text)
          assert.ok(at >= 0, `block ${index + 1} did not print '${text}' but:\n${outputs[index]}`)
          rest = rest.slice(at + text.length)
        }
      }
    })
})

function run(blocks: readonly string[], sluice: RunningSluice, folder: string): Promise<readonly string[]> {
  const work = temporaryFolder('page')
  const script = blocks.map((block) => `${block}\necho '${border}'\n`).join('')
  const env = {
    PATH: `${folder}:${process.env['PATH']}`,
    HOME: work,
    SLUICE_DATA: sluice.folder,
    SLUICE_URL: sluice.controlUrl,
    QUICKSTART: join(sluice.folder, 'quickstart'),
    RUNTIME: sluice.runtimeUrl,
    CONTROL: sluice.controlUrl,
    SAMPLES: join(root, 'sample'),
    SENDERS: join(root, 'docs', 'auth', 'samples'),
  }
  return new Promise((resolve, reject) => {
    execFile('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd: work, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stdout}\n${stderr}`))
      else resolve(stdout.split(`${border}\n`))
    })
  })
}
