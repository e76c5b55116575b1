/**
 * Writes what is made from declarations: the property tables in the READMEs of steps and adapters, and the pages in
 * docs/reference. With --check it writes nothing and fails when something is stale.
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { roleReference } from '../src/api/index.ts'
import { checks } from '../src/assertions/index.ts'
import { declaredFaults } from '../src/base/index.ts'
import { describeFields, type FieldSet } from '../src/fields/index.ts'
import { refusalTable } from '../src/inbound/index.ts'
import { lintReference } from '../src/lint/index.ts'
import { settingFields } from '../src/settings/index.ts'

const banner = '<!-- Made by `npm run generate` from the declarations. Do not edit. -->\n\n'
const check = process.argv.includes('--check')
const stale: string[] = []

function put(file: string, content: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (before === content) return
  stale.push(file)
  if (check) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function propertyTable(fields: FieldSet): string {
  const rows = describeFields(fields).map(({ name, label, help, kind, default: fallback, required }) => {
    const given = required ? '(required)' : fallback === '' || fallback === undefined ? '' : `\`${fallback}\``
    return `| \`${name}\` | ${cell(label)} | ${kind} | ${cell(given)} | ${cell(help)} |`
  })
  return ['| key | name | kind | default | meaning |', '|---|---|---|---|---|', ...rows].join('\n')
}

const isFieldSet = (value: unknown): value is FieldSet =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((field) => typeof field === 'object' && field !== null && 'read' in field)

/** The README of a step or adapter shows every field set that its `*fields.ts` files export. */
async function component(readme: string): Promise<void> {
  const folder = dirname(readme)
  const tables: string[] = []
  for (const file of globSync(`${folder}/*fields.ts`).sort()) {
    const exported = (await import(`../${file}`)) as Record<string, unknown>
    const sets = Object.entries(exported).filter((entry): entry is [string, FieldSet] => isFieldSet(entry[1]))
    for (const [name, set] of sets) {
      const title = /^(sender|receiver)/i.exec(name)?.[1]?.toLowerCase()
      if (Object.keys(set).length > 0) tables.push((title ? `As ${title}:\n\n` : '') + propertyTable(set))
    }
  }
  const text = readFileSync(readme, 'utf8')
  const content = tables.length > 0 ? tables.join('\n\n') : 'None.'
  put(
    readme,
    text.replace(
      /<!-- properties -->[\s\S]*?<!-- \/properties -->/,
      () => `<!-- properties -->\n${content}\n<!-- /properties -->`,
    ),
  )
}

for (const readme of globSync('src/{steps,adapters}/*/README.md').sort()) await component(readme)

const settings = describeFields(settingFields).map(
  ({ name, help, default: fallback }) =>
    `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${cell(help)} |`,
)
put(
  'docs/reference/settings.md',
  `${banner}# Settings\n\nEnvironment variables, read once at the start.\n\n| variable | default | meaning |\n|---|---|---|\n${settings.join('\n')}\n`,
)

// Importing every room's faults fills the table of declared faults.
for (const file of globSync('src/**/*faults.ts')) await import(`../${file}`)
const faults = [...declaredFaults()]
  .sort((a, b) => a.code.localeCompare(b.code))
  .map(({ code, kind }) => `| \`${code}\` | ${kind} |`)
put(
  'docs/reference/faults.md',
  `${banner}# Faults\n\nEvery expected failure by its code. A code is never reused with another meaning.\n\n| code | kind |\n|---|---|\n${faults.join('\n')}\n`,
)

if (existsSync('src/cli/commands/index.ts')) {
  const { commandReference } = await import('../src/cli/reference.ts')
  put('docs/reference/cli.md', banner + commandReference())
}

const refusals = refusalTable.map(
  ({ code, stage, status, reason, remedy }) =>
    `| \`${code}\` | ${stage} | ${status === 0 ? 'none' : status} | ${cell(reason)} | ${cell(remedy)} |`,
)
put(
  'docs/reference/refusals.md',
  `${banner}# Refusals\n\nEvery reason for which a connection or a call is refused, in the order of the checks: what the administrator reads, with details as ‹name›. The caller gets the status, one word and a reference. See [Why was I refused](../inbound/refused.md).\n\n| code | stage | status | reason | remedy |\n|---|---|---|---|---|\n${refusals.join('\n')}\n`,
)

const assertionChecks = Object.entries(checks).map(
  ([code, { element, wants, problem, remedy }]) =>
    `| \`${code}\` | ${cell(element)} | ${cell(wants)} | ${cell(problem)} | ${cell(remedy)} |`,
)
put(
  'docs/reference/assertion-checks.md',
  `${banner}# Checks of assertions\n\nEvery check of a SAML or JWT assertion, in the order in which they are made; all have to hold. The caller gets one word and a reference; the administrator reads which check failed, what was expected and what was found. See [Assertions](../auth/assertions.md).\n\n| check | where | what is wanted | what is wrong | remedy |\n|---|---|---|---|---|\n${assertionChecks.join('\n')}\n`,
)
put('docs/reference/roles.md', banner + roleReference())
put('docs/reference/script-rules.md', banner + lintReference())

if (check && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}; run npm run generate`)
  process.exitCode = 1
} else if (stale.length > 0) console.log(`written: ${stale.join(', ')}`)
