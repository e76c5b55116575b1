/** ProcessDirect: calls between flows of a tenant, inside the process. */
export { processDirectReceiver } from './receiver.ts'
export { processDirectSender } from './sender.ts'
