/** Request Reply: calls a receiver and goes on with its answer. */
export { requestReply } from './request-reply.ts'
