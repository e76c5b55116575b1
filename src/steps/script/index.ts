/** Script: runs a function of a Groovy script on the message. */
export { script } from './script.ts'
