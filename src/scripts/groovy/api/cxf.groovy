package org.apache.cxf.interceptor

/** A SOAP receiver answered with a fault; its detail is what came as the body. */
class Fault extends org.apache.camel.FailedCall {
  Fault(String message) { super(message) }

  Object getDetail() { responseBody }
  boolean hasDetails() { responseBody }
  Object getFaultCode() { null }
}
