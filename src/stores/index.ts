/** What flows keep between messages: variables. */
export * from './ports.ts'
export { createVariables, variableContext } from './variables.ts'
