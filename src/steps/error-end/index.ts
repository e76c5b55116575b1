/** Error End: ends the route with an error. */
export { errorEnd } from './error-end.ts'
