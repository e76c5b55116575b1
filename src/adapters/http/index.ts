/** HTTP receiver: calls a system over HTTP or HTTPS. */
export { httpReceiver } from './receiver.ts'
