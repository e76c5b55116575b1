/** The message: a body in the form that is needed, headers, properties, attachments. */
export * from './body.ts'
export * from './exchange.ts'
export * from './headers.ts'
export * from './principal.ts'
