package org.apache.camel.component.ahc

/** An HTTP receiver answered with an error. */
class AhcOperationFailedException extends org.apache.camel.FailedCall {
  AhcOperationFailedException(String message) { super(message) }
}
