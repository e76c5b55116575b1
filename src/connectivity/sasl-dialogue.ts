import { wordsOf } from '../base/index.ts'
import { faults } from './faults.ts'
import type { Run } from './run.ts'
import type { SaslClient } from './sasl.ts'

/** A server's answer within a log-on: a challenge in base64, or the end. */
export type SaslAnswer = { readonly challenge: string } | { readonly done: true } | { readonly refused: string }

/**
 * A log-on over a protocol of lines. `begin` sends the name of the mechanism (and its first answer, where both may go
 * together), `reply` sends a further answer; both give what the server answered.
 * @throws connectivity.authenticationRefused
 */
export async function saslDialogue(
  run: Run,
  client: SaslClient,
  talk: {
    readonly begin: (mechanism: string, initial: string | undefined) => Promise<SaslAnswer>
    readonly reply: (answer: string) => Promise<SaslAnswer>
    /** False where the first answer may only follow an empty challenge. */
    readonly initialWithName: boolean
  },
): Promise<void> {
  const refused = (words: string): Error =>
    faults.authenticationRefused({ server: run.server, words: run.quote(words) })
  let unsent = talk.initialWithName ? undefined : client.initial
  let answer = await talk.begin(client.mechanism, talk.initialWithName ? client.initial?.toString('base64') : undefined)
  for (let turn = 0; turn < 8; turn++) {
    if ('done' in answer) return
    if ('refused' in answer) throw refused(answer.refused)
    let next: Buffer
    try {
      next = unsent ?? (await client.answer(Buffer.from(answer.challenge, 'base64')))
    } catch (error) {
      throw refused(wordsOf(error))
    }
    unsent = undefined
    answer = await talk.reply(next.toString('base64'))
  }
  throw refused('it asks again and again')
}
