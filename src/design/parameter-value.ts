import type { Parameter } from '../flow/index.ts'
import { faults } from './faults.ts'

const whole = /^[+-]?\d{1,19}$/

/** Checks a value for an externalised parameter against its type. @throws design.parameterInvalid */
export function checkParameterValue({ name, type, required }: Parameter, value: string): void {
  const problem = problemOf(type, required, value)
  if (problem !== undefined) throw faults.parameterInvalid({ name, problem })
}

function problemOf(type: string, required: boolean, value: string): string | undefined {
  if (value === '') return required ? 'must not be empty' : undefined
  // A value may be an expression that is evaluated for each message.
  if (value.includes('${')) return undefined
  if ((type === 'xsd:integer' || type === 'xsd:long') && !whole.test(value.trim()))
    return `must be a whole number, not '${value}'`
  if (type === 'xsd:boolean' && !/^(?:true|false|0|1)$/i.test(value.trim()))
    return `must be true or false, not '${value}'`
  return undefined
}
