import type { AlertChannel } from './alerts.ts'
import type { CalendarEntry } from './contracts.ts'

const patience = 20_000
const ofThisMachine = /^(?:localhost|127\.0\.0\.1|\[::1\])$/

/**
 * Alerts as one mail to `to`, which also is the sender. The server is `smtps://user:password@host:port`, or `smtp://…`
 * that must offer STARTTLS unless it runs on this machine. Throws what the server says when it does not take the mail.
 */
export const mailChannel = ({ server, to }: { readonly server: URL; readonly to: string }): AlertChannel => ({
  name: 'mail',
  async deliver(entries) {
    const { createTransport } = await import('nodemailer')
    const isLocal = ofThisMachine.test(server.hostname)
    const transport = createTransport({
      host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(server.port) || (server.protocol === 'smtps:' ? 465 : 587),
      secure: server.protocol === 'smtps:',
      requireTLS: server.protocol === 'smtp:' && !isLocal,
      connectionTimeout: patience,
      greetingTimeout: patience,
      socketTimeout: patience,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(server.username !== '' && {
        auth: { user: decodeURIComponent(server.username), pass: decodeURIComponent(server.password) },
      }),
    })
    try {
      await transport.sendMail({ from: to, to, subject: subjectOf(entries), text: entries.map(linesOf).join('\n\n') })
    } finally {
      transport.close()
    }
  },
})

const subjectOf = (entries: readonly CalendarEntry[]): string => {
  const [first] = entries
  const more = entries.length > 1 ? ` and ${entries.length - 1} more` : ''
  return `Sluice: ${first?.kind ?? ''} ${first?.name ?? ''}${more} ${first?.state === 'Expired' ? 'expired' : 'to expire'}`
}

const linesOf = ({ kind, name, until, daysLeft, state, where, renewable }: CalendarEntry): string =>
  [
    `${kind}: ${name}`,
    where,
    state === 'Expired'
      ? `expired at ${new Date(until).toISOString()}`
      : `ends at ${new Date(until).toISOString()}, in ${daysLeft} days`,
    ...(renewable ? ['Sluice renews it by itself.'] : []),
  ].join('\n')
