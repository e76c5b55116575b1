import assert from 'node:assert/strict'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

import { receivers, senders } from '../src/adapters/index.ts'
import { steps } from '../src/steps/index.ts'

const foldersIn = (room: string): string[] =>
  readdirSync(`src/${room}`, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

const headings = ['What it does', 'When to use', 'Properties', 'Faults', 'Limits']

describe('the folders of steps and adapters', () => {
  for (const room of ['steps', 'adapters']) {
    for (const folder of foldersIn(room)) {
      const path = `src/${room}/${folder}`
      it(`${path} has the shape of its kind`, () => {
        const files = readdirSync(path)
        assert.ok(files.includes('index.ts'), 'index.ts is missing')
        assert.ok(files.includes('README.md'), 'README.md is missing')
        assert.ok(
          files.some((file) => file.endsWith('fields.ts')),
          'fields.ts is missing',
        )
        assert.ok(
          files.some((file) => file.endsWith('.test.ts')),
          'a test is missing',
        )
        assert.match(
          readFileSync(`${path}/index.ts`, 'utf8'),
          /^\/\*\* .+/,
          'index.ts says in its first line what the folder is',
        )
        const readme = readFileSync(`${path}/README.md`, 'utf8')
        for (const heading of headings)
          assert.match(readme, new RegExp(`^## ${heading}$`, 'm'), `README.md lacks '## ${heading}'`)
      })

      it(`${path} is in the list of its room`, () => {
        assert.match(readFileSync(`src/${room}/index.ts`, 'utf8'), new RegExp(`'\\./${folder}/index\\.ts'`))
      })

      it(`${path} declares its fields without its implementation`, () => {
        for (const file of globSync(`${path}/*fields.ts`)) {
          const paths = [...readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from)
          assert.deepEqual(
            paths.filter(
              (from) =>
                from !== '../../fields/index.ts' && !from?.startsWith('../shared') && !from?.endsWith('fields.ts'),
            ),
            [],
          )
        }
      })
    }
  }

  it('types are unique', () => {
    for (const list of [steps, receivers, senders]) {
      const types = list.map(({ type }) => type)
      assert.deepEqual(types, [...new Set(types)])
    }
  })

  it('no folder is empty', () => {
    assert.ok(foldersIn('steps').length > 5)
    assert.ok(existsSync('src/adapters/https/sender.ts'))
  })
})
