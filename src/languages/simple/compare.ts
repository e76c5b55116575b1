import { elementsOf } from './elements-of.ts'
import { textOf } from './text-of.ts'

/** Integer texts as Java reads a Long. */
const integerText = /^[+-]?\d{1,19}$/
const decimalText = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?\s*$/
/** Digits of a whole megabyte are no number, and would keep the pattern busy. */
const isDecimalText = (text: string): boolean => text.length <= 100 && decimalText.test(text)

/** Equality of Camel: as it stands, else with one side converted to the type of the other. Texts compare with case. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (isNull(left) || isNull(right)) return isNull(left) && isNull(right)
  if (left === right) return true
  if (typeof left === 'string' && typeof right === 'string') return false
  if (typeof left === 'boolean' || typeof right === 'boolean')
    return textOf(left).toLowerCase() === textOf(right).toLowerCase()
  if (typeof left === 'number' || typeof right === 'number') return isSameNumber(left, right)
  return textOf(left) === textOf(right)
}

export const isNull = (value: unknown): value is null | undefined => value === undefined || value === null

function isSameNumber(left: unknown, right: unknown): boolean {
  const [leftText, rightText] = [textOf(left), textOf(right)]
  if (leftText === rightText) return true
  if (integerText.test(leftText) && integerText.test(rightText)) return BigInt(leftText) === BigInt(rightText)
  // A whole number is an Integer in Java, and '200.0' is not the text of one.
  const isDecimal = [left, right].some((value) => typeof value === 'number' && !Number.isInteger(value))
  return (
    isDecimal &&
    isDecimalText(leftText) &&
    isDecimalText(rightText) &&
    Number.parseFloat(leftText) === Number.parseFloat(rightText)
  )
}

/** Order of Camel: as whole numbers, else as decimals, else as texts. Undefined when just one side is null. */
export function compare(left: unknown, right: unknown): number | undefined {
  if (isNull(left) && isNull(right)) return 0
  if (isNull(left) || isNull(right)) return undefined
  const [a, b] = [comparable(left), comparable(right)]
  if (integerText.test(a) && integerText.test(b)) {
    const [x, y] = a.length > 15 || b.length > 15 ? [BigInt(a), BigInt(b)] : [Number(a), Number(b)]
    return x < y ? -1 : x > y ? 1 : 0
  }
  if (isDecimalText(a) && isDecimalText(b)) return Number.parseFloat(a) - Number.parseFloat(b)
  return a < b ? -1 : a > b ? 1 : 0
}

const comparable = (value: unknown): string => (value instanceof Date ? String(value.getTime()) : textOf(value))

/** Part of a text, or element of a list. */
export function containsValue(left: unknown, right: unknown): boolean {
  if (isNull(left) || isNull(right)) return isNull(left) && isNull(right)
  const elements = elementsOf(left)
  return elements === undefined
    ? textOf(left).includes(textOf(right))
    : elements.some((element) => isEqual(element, right))
}

/** One of a list, or of the pieces of a text between commas; pieces are not trimmed. */
export function isAmong(left: unknown, right: unknown): boolean {
  if (isNull(right)) return false
  const elements = right instanceof Map ? [...right.keys()] : (elementsOf(right) ?? piecesOf(textOf(right)))
  return elements.some((element) => isEqual(left, element))
}

const piecesOf = (text: string): string[] => (text.trim() === '' ? [] : text.split(','))

/** From and to, both included, written `100..199`. Undefined when the text is no range. */
export function isInRange(left: unknown, range: string): boolean | undefined {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(range) ?? []
  if (from === undefined || to === undefined) return undefined
  return (compare(left, from) ?? -1) >= 0 && (compare(left, to) ?? 1) <= 0
}

/** The value of a condition that is a single operand. */
export function isTruthy(value: unknown): boolean {
  if (isNull(value)) return false
  if (typeof value === 'boolean') return value
  const elements = elementsOf(value)
  if (elements !== undefined) return elements.length > 0
  const text = textOf(value)
  if (/^true$/i.test(text)) return true
  if (/^false$/i.test(text)) return false
  return true
}
