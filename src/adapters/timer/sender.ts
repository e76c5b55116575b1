import { declareSender } from '../../flow/index.ts'
import { readSchedule } from '../../languages/index.ts'
import { Exchange } from '../../message/index.ts'
import { fields } from './fields.ts'

/** Timer start event (iflow-format 5.2): each tick starts a message with an empty body and no headers. */
export const timerSender = declareSender({
  type: 'Timer',
  label: 'Timer',
  summary: 'Starts a flow at set times, or once when it is deployed.',
  answers: (source) => 'tag' in source && source.tag === 'startEvent' && source.event === 'timer',
  fields,
  listen({ scheduleKey }, { claims, deliver, flow, channel }) {
    claims.schedule({
      key: `${flow.id}/${channel.id}`,
      flowId: flow.id,
      when: readSchedule(scheduleKey),
      async fire() {
        await deliver(new Exchange(), { sender: 'Timer', principal: undefined, correlationId: undefined })
      },
    })
  },
})
