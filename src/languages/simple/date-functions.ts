import { compileDateFormat } from '../dates/format.ts'
import { faults } from '../faults.ts'
import { type Evaluate, type Source, unknownFunction } from './evaluate.ts'
import { compileHeader, compileProperty } from './named.ts'
import { SimpleProblem } from './scan.ts'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * `now:PATTERN`, `header.x+1h:PATTERN`, and with `zoned` `now:ZONE:PATTERN`. Without a pattern the value is the date itself.
 * @throws languages.datePatternMalformed, languages.simpleFunctionUnknown; SimpleProblem
 */
export function compileDate(rest: string, zoned: boolean, source: Source): Evaluate {
  const [command = '', ...others] = rest.split(':')
  const zone = zoned ? others.shift() : 'UTC'
  const pattern = others.length === 0 ? undefined : others.join(':')
  if (zoned && (zone === undefined || pattern === undefined))
    throw new SimpleProblem(source.start, 'date-with-timezone needs a command, a time zone and a pattern.')
  const millisOf = compileCommand(command.trim(), source)
  if (pattern === undefined) return (exchange, env) => new Date(Number(millisOf(exchange, env)))
  const format = compileDateFormat(pattern, zone)
  return (exchange, env) => format(Number(millisOf(exchange, env)))
}

/** Milliseconds since 1970 of `now` or of a header or property, moved by the offsets behind it. */
function compileCommand(command: string, source: Source): Evaluate {
  const { base, offset } = splitOffset(command, source)
  if (base === 'now') return (_, env) => env.clock.now() + offset
  const [, kind, name = ''] = /^(?:in\.)?(header|property|exchangeProperty)s?\.(.+)$/.exec(base) ?? []
  if (kind === undefined) throw unknownFunction(`date:${command}`, source)
  const read = (kind === 'header' ? compileHeader : compileProperty)(name, source.expression)
  return (exchange, env) => {
    const millis = millisIn(read(exchange, env))
    if (millis === undefined) throw faults.simpleDateMissing({ expression: source.expression, command })
    return millis + offset
  }
}

/** Offsets such as `-24h+30m` stand at the end; a name may hold signs itself. */
function splitOffset(command: string, source: Source): { readonly base: string; readonly offset: number } {
  const found = /(?:[+-](?:\d{1,12}(?:ms|[smhd])?){1,5}){1,5}$/.exec(command)
  if (found === null || found.index === 0) {
    if (/^now./.test(command)) throw new SimpleProblem(source.start, `'${command.slice(3)}' is no offset such as -24h.`)
    return { base: command, offset: 0 }
  }
  let offset = 0
  for (const [, sign, amounts = ''] of found[0].matchAll(/([+-])([^+-]+)/g)) {
    for (const [, amount, unit = 'ms'] of amounts.matchAll(/(\d+)(ms|[smhd])?/g))
      offset += Number(amount) * (units[unit] ?? 1) * (sign === '-' ? -1 : 1)
  }
  return { base: command.slice(0, found.index).trim(), offset }
}

function millisIn(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  if (typeof value === 'string' && /^-?\d{1,16}$/.test(value)) return Number(value)
  return undefined
}
