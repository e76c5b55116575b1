import type { SendMailOptions, TransportOptions } from 'nodemailer'

import type { Fault } from '../../base/index.ts'
import type { Run, UserCredential } from '../../flow/index.ts'
import { faults } from './faults.ts'

export type Protection = 'off' | 'starttls_optional' | 'starttls_mandatory' | 'smtps'

export interface MailServer {
  readonly host: string
  readonly port: number
  readonly protection: Protection
  /** Milliseconds. */
  readonly timeout: number
}

/** Reads `host:port`, `[::1]:25` or `host`. @throws mail.serverInvalid */
export function readServer(server: string): { readonly host: string; readonly port: number } {
  const [, inBrackets, bare, port = '25'] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/.exec(server.trim()) ?? []
  const host = inBrackets ?? bare
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw faults.serverInvalid({ server })
  return { host, port: Number(port) }
}

/**
 * Sends one mail over a connection of its own.
 * @throws mail.refused, mail.logonRefused, mail.tls, mail.timeout, mail.unreachable, and the run's reason when it is
 *   cancelled
 */
export async function sendMail(
  server: MailServer,
  mail: SendMailOptions,
  credential: UserCredential | undefined,
  run: Run,
): Promise<void> {
  const { host, port, protection, timeout } = server
  const options = {
    host,
    port,
    secure: protection === 'smtps',
    ignoreTLS: protection === 'off',
    requireTLS: protection === 'starttls_mandatory',
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    // The content of a mail comes from messages: it must never make Sluice read files or addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(credential && { authMethod: 'PLAIN', auth: { user: credential.user, pass: credential.password } }),
  }
  // Loaded with the first mail.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport(options as TransportOptions)
  const cancelled = Promise.withResolvers<never>()
  const cancel = (): void => cancelled.reject(run.signal.reason)
  run.signal.addEventListener('abort', cancel, { once: true })
  try {
    if (run.signal.aborted) throw run.signal.reason
    await Promise.race([
      transport.sendMail({ ...mail, disableFileAccess: true, disableUrlAccess: true }),
      cancelled.promise,
    ])
  } catch (error) {
    throw run.signal.aborted ? run.signal.reason : mailFault(error, server)
  } finally {
    run.signal.removeEventListener('abort', cancel)
    transport.close()
  }
}

/** What a failed mail means for the person who must mend it; the server's own words go to the log only. */
export function mailFault(error: unknown, { host, port, timeout }: MailServer): Fault {
  const server = `${host}:${port}`
  const { code = '', responseCode, message = '' } = error as { code?: string; responseCode?: number; message?: string }
  const because = { cause: error }
  if (code === 'EAUTH') return faults.logonRefused({ server }, because)
  if (
    code === 'ETLS' ||
    /certificate|ssl|tls/i.test(code) ||
    /certificate|wrong version number|STARTTLS/i.test(message)
  ) {
    return faults.tls({ server }, because)
  }
  if (typeof responseCode === 'number') return faults.refused({ server, code: responseCode }, because)
  if (code === 'EENVELOPE') return faults.addressInvalid({ field: 'To' }, because)
  if (code === 'ETIMEDOUT') return faults.timeout({ server, millis: timeout }, because)
  return faults.unreachable({ server }, because)
}
