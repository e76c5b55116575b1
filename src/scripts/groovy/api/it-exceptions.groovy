package com.sap.it.api.exception

class InvalidContextException extends Exception {
  InvalidContextException() {}
  InvalidContextException(String message) { super(message) }
  InvalidContextException(String message, Throwable cause) { super(message, cause) }
}
