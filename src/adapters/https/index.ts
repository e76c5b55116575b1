/** HTTPS sender: lets systems call a flow over HTTP, below /http. */
export { httpsSender } from './sender.ts'
