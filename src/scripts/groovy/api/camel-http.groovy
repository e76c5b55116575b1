package org.apache.camel.http.common

/** An HTTP receiver answered with an error. */
class HttpOperationFailedException extends org.apache.camel.FailedCall {
  HttpOperationFailedException(String message) { super(message) }
}
