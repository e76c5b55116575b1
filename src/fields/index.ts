/** The vocabulary in which every property of the product is declared, once, for all its readers. */
export * from './field.ts'
export * from './kinds/choice.ts'
export * from './kinds/number.ts'
export * from './kinds/table.ts'
export * from './kinds/text.ts'
