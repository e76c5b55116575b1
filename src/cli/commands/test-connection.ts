import { certificatesZip, type ConnectivityTest, connectivityTests, type TestResult } from '../../connectivity/index.ts'
import { type Field, type FieldSet, text } from '../../fields/index.ts'
import { type Command, declareCommand } from '../command.ts'
import { requireNew, writeNew } from '../files.ts'
import type { Output } from '../output.ts'
import { facts, table } from '../table.ts'

/** `validateServerCertificate` is the flag `--validate-server-certificate`. */
const flagOf = (name: string): string => name.replaceAll(/[A-Z]+/g, (letters) => `-${letters.toLowerCase()}`)

const optionsOf = ({ schema }: Field<unknown>): readonly string[] =>
  (schema as { readonly enum?: readonly string[] }).enum ?? []

/** What stands for the value of a flag in help: the column must stay narrow. */
const placeholders: Readonly<Record<string, string>> = { alias: 'alias', number: 'n', duration: 'ms', choice: 'word' }

/** The field for a command line: with its text as it was typed, because the API reads it by the same declaration. */
function typed(field: Field<unknown>, label = placeholders[field.control] ?? 'text'): Field<string> {
  const options = field.control === 'choice' ? ` One of ${optionsOf(field).join(', ')}.` : ''
  return {
    ...field,
    words: { label, help: `${field.words.help}${options}` },
    ...(options !== '' && { schema: { type: 'string' } }),
    read(raw) {
      const read = field.read(raw)
      return 'problem' in read ? read : { value: raw }
    },
  }
}

/** What a test is pointed at stands without a flag. */
const isPositional = (name: string, { fallback }: Field<unknown>): boolean => fallback === undefined || name === 'port'

/** What says nothing, or can be only one thing, is left out. */
const isOffered = (field: Field<unknown>): boolean => field.kind !== 'informative' && optionsOf(field).length !== 1

/** One command per kind of connectivity test, made of the fields that the kind declares. */
export const testCommands: readonly Command[] = connectivityTests.map(commandOf)

function commandOf({ kind, label, help, fields }: ConnectivityTest): Command {
  const entries = Object.entries(fields).filter(([, field]) => isOffered(field))
  const names = new Map(entries.map(([name]) => [flagOf(name), name]))
  const declared = (positional: boolean): FieldSet =>
    Object.fromEntries(
      entries
        .filter(([name, field]) => isPositional(name, field) === positional)
        .map(([name, field]) => [flagOf(name), positional ? typed(field, name) : typed(field)]),
    )
  const positionals = declared(true)
  const target = Object.keys(positionals).includes('host') ? 'partner.example.com' : 'https://partner.example.com/'
  return declareCommand({
    name: `test ${kind}`,
    summary: `Tests a connection by ${label}. ${help} Exit code 0: it works; 1: it does not.`,
    examples: [{ line: `test ${kind} ${target}`, words: 'Runs the test from where Sluice runs.' }],
    positionals,
    flags: {
      ...declared(false),
      certificates: text({ label: 'file', help: 'New zip for the chain of the server, as .cer files.', default: '' }),
    },
    async run(given, session) {
      const { api, output } = session
      const { certificates, ...texts } = given as Readonly<Record<string, string>>
      const file = certificates ?? ''
      requireNew(session, file)
      const inputs = Object.entries(texts).flatMap(([flag, value]) => {
        const name = names.get(flag)
        return name === undefined || value === '' ? [] : [[name, value]]
      })
      const question = { ...Object.fromEntries(inputs), kind } as object
      const answer = await output.progress('testing', api().invoke('TestConnectivity', question))
      const result = JSON.parse(answer.toString()) as TestResult
      if (file !== '' && result.certificates.length > 0) writeNew(session, file, await certificatesZip(result), false)
      output.result(result, wordsOfResult(result, output))
      return result.ok ? 0 : 1
    },
  })
}

function wordsOfResult(
  { ok, summary, steps, certificates, facts: found, problem }: TestResult,
  output: Output,
): string {
  const rows = steps.map((step) => [
    output.tone(step.ok ? 'ok' : 'failed', step.ok ? 'good' : 'bad'),
    step.name,
    `${Math.round(step.millis)} ms`,
    step.detail,
  ])
  const chain = certificates.map(({ subject, issuer, validTo }, index) => [
    String(index + 1),
    subject,
    `issued by ${issuer}`,
    `until ${validTo}`,
  ])
  const known = Object.entries(found).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(', ') : String(value),
  ])
  const parts = [
    output.tone(summary, ok ? 'good' : 'bad'),
    table(undefined, rows),
    facts(known),
    table(undefined, chain),
    problem ? `${problem.reason}\n${problem.remedy}` : '',
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}
