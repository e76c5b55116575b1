/** Splitter: makes several messages of one, along an XPath, a token or lines. */
export { splitter } from './splitter.ts'
