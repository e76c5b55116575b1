/** Content Modifier: sets and deletes headers and properties, and replaces the body. */
export { contentModifier } from './content-modifier.ts'
