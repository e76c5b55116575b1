import { declareFaults } from '../base/index.ts'

export const faults = declareFaults('records', {
  busy: {
    kind: 'unavailable',
    message: () => 'Others changed the same records all the time, so the change was not made.',
    remedy: 'Try again in a moment.',
  },
})
