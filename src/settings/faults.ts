import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('settings', {
  invalid: {
    kind: 'invalid',
    message: (d: { problems: readonly string[] }) => `The settings are not valid: ${d.problems.join('; ')}.`,
    remedy: 'Correct the environment variables named; docs/reference/settings.md lists all.',
  },
})
