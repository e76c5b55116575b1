import { integer, text } from '../../fields/index.ts'
import { localTime, plain, textOf, timeOf } from '../api/entity.ts'
import { literal, query } from '../api/odata-address.ts'
import { declareCommand } from '../command.ts'
import { table } from '../table.ts'

const toneOf = (state: string): 'good' | 'bad' => (state === 'Valid' ? 'good' : 'bad')

export const expiry = declareCommand({
  name: 'expiry',
  summary: 'Lists everything that expires, what ends first at the top. Exit code 1 where something has expired.',
  examples: [
    { line: 'expiry', words: 'Everything.' },
    { line: 'expiry --within 30', words: 'What ends within 30 days, and what has ended.' },
  ],
  positionals: {},
  flags: {
    within: integer({
      label: 'days',
      help: 'Only what ends within so many days.',
      min: 0,
      max: 36_500,
      default: 36_500,
    }),
  },
  async run({ within }, { api, output }) {
    const all = await api().list('ExpiringItems')
    const found = all.filter((entity) => Number(textOf(entity, 'DaysLeft')) <= within)
    const rows = found.map((entity) => [
      localTime(timeOf(entity, 'Until')),
      textOf(entity, 'DaysLeft'),
      output.tone(textOf(entity, 'State'), toneOf(textOf(entity, 'State'))),
      textOf(entity, 'Kind'),
      textOf(entity, 'Name'),
      textOf(entity, 'Where'),
      textOf(entity, 'Renewable') === 'true' ? 'by itself' : '',
    ])
    const words = table(['Until', 'Days', 'State', 'Kind', 'Name', 'Where', 'Renewed'], rows)
    const properties = ['Kind', 'Id', 'Name', 'DaysLeft', 'State', 'Where', 'Renewable']
    output.result(
      found.map((entity) => plain(entity, properties, ['Until'])),
      found.length === 0 ? 'Nothing expires in this time.' : words,
    )
    return found.some((entity) => textOf(entity, 'State') === 'Expired') ? 1 : 0
  },
})

interface Rehearsal {
  readonly kind: string
  readonly name: string
  readonly breaks: readonly { readonly what: string; readonly why: string }[]
}

export const expiryRehearse = declareCommand({
  name: 'expiry rehearse',
  summary: 'Says what breaks if something goes away, without taking it away. Exit code 0: nothing; 1: something.',
  examples: [
    { line: "expiry rehearse 'trust anchor' 'Partner CA'", words: 'Whose certificates would lead to no anchor?' },
    { line: "expiry rehearse 'key pair' erp", words: 'Which flows use this alias?' },
  ],
  positionals: {
    kind: text({ label: 'kind', help: 'Kind as `expiry` lists it.' }),
    name: text({ label: 'name', help: 'Name as `expiry` lists it, or the id.' }),
  },
  flags: {},
  async run({ kind, name }, { api, output }) {
    const address = `RehearseRemoval${query({ Kind: literal(kind), Name: literal(name) })}`
    const rehearsal = JSON.parse((await api().document(address)).toString()) as Rehearsal
    const rows = rehearsal.breaks.map(({ what, why }) => [output.tone(what, 'bad'), why])
    output.result(rehearsal, rows.length === 0 ? 'Nothing is known that breaks.' : table(['Breaks', 'Because'], rows))
    return rows.length === 0 ? 0 : 1
  },
})
