package org.apache.cxf.transport.http

/** A SOAP receiver answered with an HTTP error. */
class HTTPException extends org.apache.camel.FailedCall {
  HTTPException(String message) { super(message) }

  int getResponseCode() { statusCode }
  String getResponseMessage() { statusText }
}
