/** Sequential Multicast: sends copies of the message along several branches, one after the other. */
export { sequentialMulticast } from './sequential-multicast.ts'
