/** Script: runs a function of a script on the message. */
export { script } from './script.ts'
