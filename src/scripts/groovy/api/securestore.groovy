package com.sap.it.api.securestore

import com.sap.it.api.securestore.exception.SecureStoreException

class SecureStoreService implements com.sap.it.api.ITApi {
  UserCredential getUserCredential(String alias) throws SecureStoreException {
    Map<String, Object> credential
    try {
      credential = (Map<String, Object>) sluice.host.ScriptRun.current().call('secureStore.getUserCredential', [alias])
    } catch (sluice.host.CallRefused refused) {
      throw new SecureStoreException(refused.message)
    }
    new UserCredential((String) credential.get('user'), ((String) credential.get('password')).toCharArray())
  }
}

class UserCredential {
  final String username
  private final char[] password
  final Map<String, String> credentialProperties = [:]

  UserCredential(String username, char[] password) {
    this.username = username
    this.password = password
  }

  char[] getPassword() { password.clone() }

  @Override
  String toString() { "UserCredential(${username})" }
}
