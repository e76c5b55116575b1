package com.sap.it.api.securestore

import com.sap.it.api.securestore.exception.CredentialNotFoundException
import com.sap.it.api.securestore.exception.SecureStoreException

class SecureStoreService implements com.sap.it.api.ITApi {
  /** A user credential, or a secure parameter as a password without a user. */
  UserCredential getUserCredential(String alias) throws SecureStoreException {
    Map<String, Object> credential
    try {
      credential = (Map<String, Object>) sluice.host.ScriptRun.current().call('secureStore.getUserCredential', [alias])
    } catch (sluice.host.CallRefused refused) {
      if (refused.code == 'secrets.credentialUnknown') throw new CredentialNotFoundException(refused.message)
      throw new SecureStoreException(refused.message)
    }
    Map<String, String> properties = (Map<String, String>) credential.get('properties')
    new UserCredential((String) credential.get('user'), ((String) credential.get('password')).toCharArray(), properties ?: [:])
  }
}

class UserCredential {
  final String username
  private final char[] password
  final Map<String, String> credentialProperties

  UserCredential(String username, char[] password, Map<String, String> credentialProperties = [:]) {
    this.username = username
    this.password = password
    this.credentialProperties = Collections.unmodifiableMap(credentialProperties)
  }

  char[] getPassword() { password.clone() }

  @Override
  String toString() { "UserCredential(${username})" }
}
