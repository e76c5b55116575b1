package com.sap.it.api.securestore.exception

class SecureStoreException extends Exception {
  SecureStoreException() {}
  SecureStoreException(String message) { super(message) }
  SecureStoreException(String message, Throwable cause) { super(message, cause) }
}
