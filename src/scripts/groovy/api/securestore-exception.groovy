package com.sap.it.api.securestore.exception

class SecureStoreException extends Exception {
  SecureStoreException() {}
  SecureStoreException(String message) { super(message) }
  SecureStoreException(String message, Throwable cause) { super(message, cause) }
}

class CredentialNotFoundException extends SecureStoreException {
  CredentialNotFoundException() {}
  CredentialNotFoundException(String message) { super(message) }
  CredentialNotFoundException(String message, Throwable cause) { super(message, cause) }
}
