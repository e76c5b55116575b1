/** Filter: keeps the part of the body that an XPath selects. */
export { filter } from './filter.ts'
