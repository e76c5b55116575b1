/** Parallel Multicast: sends copies of the message along several branches at once. */
export { parallelMulticast } from './parallel-multicast.ts'
