/** End: ends the route; a local process returns to its caller. */
export { end } from './end.ts'
