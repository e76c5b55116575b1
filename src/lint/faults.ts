import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('lint', {
  codesUnknown: {
    kind: 'invalid',
    message: (d: { unknown: readonly string[]; known: readonly string[] }) =>
      `There are no rules for scripts named ${d.unknown.join(', ')}.`,
    remedy: (d: { known: readonly string[] }) =>
      `The rules are ${d.known.join(', ')}, and codenarc. with the name of a rule of CodeNarc (docs/reference/script-rules.md); error, warning and info name all of that severity.`,
  },
  notReviewed: {
    kind: 'unavailable',
    message: (d: { flow: string; why: string; remedy: string }) =>
      `The scripts of '${d.flow}' are to be read by CodeNarc before they are deployed, and it cannot run: ${d.why}`,
    remedy: (d: { remedy: string }) =>
      `${d.remedy} Or leave the rules of CodeNarc out of those that stop a deployment.`.trim(),
  },
  stopped: {
    kind: 'denied',
    message: (d: { flow: string; places: readonly string[] }) =>
      `The scripts of '${d.flow}' break rules that stop a deployment: ${d.places.join('; ')}`,
    remedy: 'Correct the scripts; sluice check lists every place with advice.',
  },
})
