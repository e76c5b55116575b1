/** Gather: makes one message of the parts of a splitter or the branches of a multicast. */
export { gather } from './gather.ts'
