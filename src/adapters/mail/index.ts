/** Mail receiver: sends the message by SMTP. */
export { mailReceiver } from './receiver.ts'
