import { table, text } from '../../fields/index.ts'

export const fields = {
  scheduleKey: table({
    label: 'Scheduler',
    help: 'When the flow starts: once on deployment, or by a cron expression with a time zone.',
    columns: {
      '0': text({ label: 'Key', help: 'Name of the setting.' }),
      '1': text({ label: 'Value', help: 'Value of the setting.', default: '' }),
    },
  }),
}
