package com.sap.it.api.keystore.exception

class KeystoreException extends Exception {
  KeystoreException() {}
  KeystoreException(String message) { super(message) }
  KeystoreException(String message, Throwable cause) { super(message, cause) }
}
