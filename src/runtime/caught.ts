import { Fault, wordsOf } from '../base/index.ts'
import type { Caught, FailedResponse } from '../flow/index.ts'

/** Class names that scripts of the original compare with, by the code of our fault. */
const classNames: Readonly<Record<string, string>> = {
  'http.failed': 'org.apache.camel.component.ahc.AhcOperationFailedException',
  'http.timeout': 'java.util.concurrent.TimeoutException',
  'http.unreachable': 'java.net.ConnectException',
  'runtime.addressUnknown': 'org.apache.camel.component.direct.DirectConsumerNotAvailableException',
  'runtime.grantMissing': 'com.sap.it.api.securestore.exception.SecureStoreException',
  'secrets.credentialUnknown': 'com.sap.it.api.securestore.exception.SecureStoreException',
}

/** An error with the step where it came up. Kept as it goes up through processes, so the innermost step is named. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure'
  readonly stepId: string
  /** True once it has left the process that raised it: another process does not handle it. */
  readonly escaped: boolean

  constructor(stepId: string, error: unknown, escaped = false) {
    super(wordsOf(error), { cause: error })
    this.stepId = stepId
    this.escaped = escaped
  }
}

/** What the exception subprocess, scripts and the message log see of an error. */
export function caughtOf(thrown: unknown): Caught {
  const failure = thrown instanceof StepFailure ? thrown : undefined
  const error = failure ? failure.cause : thrown
  if (!(error instanceof Fault)) {
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    return {
      className: 'java.lang.Exception',
      message: wordsOf(error),
      stack,
      stepId: failure?.stepId ?? '',
      code: 'runtime.defect',
      response: undefined,
      error,
    }
  }
  const { className, stack, response } = error.details as {
    className?: string
    stack?: string
    response?: FailedResponse
  }
  const name = className ?? classNames[error.code] ?? 'org.apache.camel.CamelExecutionException'
  return {
    className: name,
    message: error.message,
    stack: stack ?? `${name}: ${error.message}`,
    stepId: failure?.stepId ?? '',
    code: error.code,
    response,
    error,
  }
}
