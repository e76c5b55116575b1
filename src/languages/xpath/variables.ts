import fontoxpath from 'fontoxpath'

import { type Exchange, isNode } from '../../message/index.ts'
import { textOf } from '../simple/text-of.ts'

/** The value of a variable by its name; undefined where there is none, which is the empty sequence. */
export type Variables = (name: string) => unknown

/** A header of that name, else a property. */
export const variablesOf =
  (exchange: Exchange): Variables =>
  (name) =>
    exchange.headers.get(name) ?? exchange.properties.get(name)

/** Names after a `$` in an expression; also those that it binds itself, which do no harm. */
export const variableNames = (source: string): readonly string[] => [
  ...new Set([...source.matchAll(/\$\s*([\p{L}_][\p{L}\p{N}_.-]*)/gu)].map(([, name = '']) => name)),
]

// oxlint-disable-next-line import/no-named-as-default-member
const { createTypedValueFactory, domFacade } = fontoxpath
const sequenceOf = createTypedValueFactory('item()*')

/**
 * A value in a form that XPath knows: nodes, numbers, booleans and dates as they are, lists as sequences, anything else
 * as text.
 */
export function xpathValue(value: unknown): unknown {
  if (value === undefined || value === null) return null
  // A list handed over as it is would become an array of XPath, which is a single item.
  if (Array.isArray(value)) return sequenceOf(value.flat(10).filter(isPresent).map(itemOf), domFacade)
  return itemOf(value)
}

const isPresent = (value: unknown): boolean => value !== undefined && value !== null

function itemOf(value: unknown): string | number | boolean | object {
  const isKnown = typeof value === 'number' || typeof value === 'boolean' || isNode(value) || value instanceof Date
  return isKnown ? value : textOf(value)
}
