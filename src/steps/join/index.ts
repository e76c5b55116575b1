/** Join: the place where the branches of a multicast meet. */
export { join } from './join.ts'
