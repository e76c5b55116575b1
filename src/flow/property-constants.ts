import { withSubprocess } from './check-structure.ts'
import type { FlowModel } from './model.ts'

interface Row {
  readonly Action?: string
  readonly Type?: string
  readonly Name?: string
  readonly Value?: string
}

/**
 * The values that Content Modifiers of a resolved model give an exchange property (iflow-format 7, Enricher);
 * undefined where one of them is no constant, or where there is none.
 */
export function propertyConstants(model: FlowModel): (property: string) => readonly string[] | undefined {
  const elements = model.processes.flatMap(withSubprocess).flatMap((process) => process.elements)
  const rows = elements
    .filter(({ activity }) => activity === 'Enricher')
    .flatMap(({ properties }) => JSON.parse(properties.get('propertyTable') || '[]') as readonly Row[])
    .filter(({ Action }) => Action !== 'Delete')
  // A name that is made when a message runs may be any name.
  const open = rows.some(({ Name = '' }) => Name.includes('${'))
  return (property) => {
    const values = rows.filter(({ Name }) => Name === property)
    const constant = values.every(({ Type, Value = '' }) => Type === 'constant' && isAlias(Value))
    return open || values.length === 0 || !constant ? undefined : values.map(({ Value = '' }) => Value.trim())
  }
}

/** Not empty, and no parameter without a value. */
const isAlias = (value: string): boolean => value.trim() !== '' && !value.includes('{{')
