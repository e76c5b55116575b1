import type { Socket } from 'node:net'

import { connect } from './connect.ts'
import type { Target } from './contracts.ts'
import { faults } from './faults.ts'
import type { LineClient } from './line-client.ts'
import type { Run } from './run.ts'
import { secure } from './secure.ts'

/** How a mail protocol begins, and how it changes to TLS. */
export interface MailProtocol<Talk extends { readonly lines: LineClient }> {
  /** Encryption before the first word. */
  readonly fromStart: boolean
  /** The command for encryption, which is also the name of the capability. */
  readonly upgrade: 'STARTTLS' | 'STLS'
  readonly open: (socket: Socket) => Talk
  /** Hears the greeting; gives its words. @throws connectivity.serviceRefused, protocolUnexpected */
  readonly greeting: (talk: Talk, note: (detail: string) => void) => Promise<string>
  /** What the server can do, which is also among the facts of the run. */
  readonly capabilities: (talk: Talk) => Promise<readonly string[]>
  readonly ask: (talk: Talk, command: string) => Promise<{ readonly ok: boolean; readonly words: string }>
}

/**
 * Connects, hears the greeting and encrypts as wished. What the server could do before is forgotten with TLS and asked
 * for again (RFC 3207, 4.2; RFC 2595, 2.1 and 4).
 * @throws connectivity.starttlsNotOffered, starttlsRefused and those of `connect`, `secure` and the protocol
 */
export async function openMailDialogue<Talk extends { readonly lines: LineClient }>(
  run: Run,
  target: Target,
  wishes: { readonly protection: string; readonly validate: boolean },
  protocol: MailProtocol<Talk>,
): Promise<{ readonly talk: Talk; readonly greeting: string; readonly offered: readonly string[] }> {
  const { upgrade, open, capabilities } = protocol
  const plain = await connect(run, target)
  const encrypt = () => secure(run, plain, { host: target.host, validate: wishes.validate })
  const first = open(protocol.fromStart ? await encrypt() : plain)
  const { greeting, offered } = await run.step('greeting', async (note) => ({
    greeting: await protocol.greeting(first, note),
    offered: await capabilities(first),
  }))
  const offers = offered.some((name) => name.toUpperCase() === upgrade)
  if (wishes.protection === 'starttls_mandatory' && !offers) throw faults.starttlsNotOffered({ server: run.server })
  if (!wishes.protection.startsWith('starttls') || !offers) return { talk: first, greeting, offered }
  await run.step('handshake', async () => {
    const { ok, words } = await protocol.ask(first, upgrade)
    if (!ok) throw faults.starttlsRefused({ server: run.server, words: run.quote(words) })
    first.lines.release()
  })
  const talk = open(await encrypt())
  return { talk, greeting, offered: await run.step('greeting', () => capabilities(talk)) }
}
