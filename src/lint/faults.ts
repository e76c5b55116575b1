import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('lint', {
  codesUnknown: {
    kind: 'invalid',
    message: (d: { unknown: readonly string[]; known: readonly string[] }) =>
      `There are no rules for scripts named ${d.unknown.join(', ')}.`,
    remedy: (d: { known: readonly string[] }) =>
      `The rules are ${d.known.join(', ')}; error, warning and info name all of that severity.`,
  },
  stopped: {
    kind: 'denied',
    message: (d: { flow: string; places: readonly string[] }) =>
      `The scripts of '${d.flow}' break rules that stop a deployment: ${d.places.join('; ')}`,
    remedy: 'Correct the scripts; sluice check lists every place with advice.',
  },
})
