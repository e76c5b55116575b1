import { choice } from '../../fields/index.ts'

export const fields = {
  ErrorCode: choice({
    label: 'Error Category',
    help: 'Why the message is escalated.',
    options: {
      Others: 'Others',
      ReceiverNotFound: 'Receiver Not Found',
      RoutingConditionNotMet: 'Routing Condition Not Met',
      InternalServerErrorInReceiver: 'Internal Server Error in Receiver',
      ReceiverNotReachable: 'Receiver Not Reachable',
      NotAuthorizedToInvokeReceiver: 'Not Authorized to Invoke Receiver',
    },
    default: 'Others',
  }),
}
