package com.sap.esb.camel.error.handler

/** A flow ended with an error event. */
class ErrorEventException extends Exception {
  ErrorEventException(String message) { super(message) }
}
