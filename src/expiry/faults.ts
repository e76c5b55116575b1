import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('expiry', {
  itemUnknown: {
    kind: 'missing',
    message: (d: { kind: string; name: string }) => `There is no ${d.kind} '${d.name}' that expires.`,
    remedy: 'sluice expiry lists every kind and name.',
  },
  itemAmbiguous: {
    kind: 'invalid',
    message: (d: { kind: string; name: string; ids: readonly string[] }) =>
      `'${d.name}' can be more than one ${d.kind}: ${d.ids.join(', ')}.`,
    remedy: 'Give one of these ids instead of the name.',
  },
  webhookRefused: {
    kind: 'unavailable',
    message: (d: { why: string }) => `The alert webhook did not take the alerts: ${d.why}.`,
    remedy: 'Check the address in SLUICE_ALERT_WEBHOOK and the server behind it; it is tried again.',
  },
})
