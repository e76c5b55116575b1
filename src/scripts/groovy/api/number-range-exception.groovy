package com.sap.it.api.nrc.exception

class NumberRangeConfigException extends Exception {
  NumberRangeConfigException() {}
  NumberRangeConfigException(String message) { super(message) }
  NumberRangeConfigException(String message, Throwable cause) { super(message, cause) }
}
