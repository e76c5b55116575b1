/** Timer: starts a flow at set times, or once when it is deployed. */
export { timerSender } from './sender.ts'
