/** Adapters: one folder per protocol, with its sender, its receiver or both. */
import type { Receiver, Sender } from '../flow/index.ts'
import { httpReceiver } from './http/index.ts'
import { httpsSender } from './https/index.ts'
import { mailReceiver } from './mail/index.ts'
import { processDirectReceiver, processDirectSender } from './process-direct/index.ts'
import { timerSender } from './timer/index.ts'

/** Every receiver, by type. */
export const receivers: readonly Receiver[] = [httpReceiver, mailReceiver, processDirectReceiver]

/** Every sender, by type. */
export const senders: readonly Sender[] = [httpsSender, processDirectSender, timerSender]
