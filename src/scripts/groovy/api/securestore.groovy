package com.sap.it.api.securestore

import com.sap.it.api.securestore.exception.CredentialNotFoundException
import com.sap.it.api.securestore.exception.SecureStoreException

class SecureStoreService implements com.sap.it.api.ITApi {
  private static final List<String> UNKNOWN = ['secrets.credentialUnknown', 'secrets.materialUnknown', 'outbound.credentialMissing']

  /** An access token of a credential, with the user it was granted by. */
  AccessTokenAndUser getAccesTokenForOauth2AuthorizationCodeCredential(String alias) throws SecureStoreException { accessToken('authorizationCode', alias) }
  AccessTokenAndUser getAccessTokenForOauth2AuthorizationCodeCredential(String alias) throws SecureStoreException { accessToken('authorizationCode', alias) }
  AccessTokenAndUser getAccesTokenForOauth2ClientCredential(String alias) throws SecureStoreException { accessToken('clientCredentials', alias) }

  private static AccessTokenAndUser accessToken(String grant, String alias) throws SecureStoreException {
    Map<String, Object> token = (Map<String, Object>) ask('accessToken', [(Object) grant, alias])
    new AccessTokenAndUser((String) token.get('accessToken'), (String) token.get('user'))
  }

  /** A user credential, or a secure parameter as a password without a user. */
  UserCredential getUserCredential(String alias) throws SecureStoreException {
    Map<String, Object> credential = (Map<String, Object>) ask('getUserCredential', [(Object) alias])
    Map<String, String> properties = (Map<String, String>) credential.get('properties')
    new UserCredential((String) credential.get('user'), ((String) credential.get('password')).toCharArray(), properties == null ? new HashMap<String, String>() : properties)
  }

  private static Object ask(String name, List<?> arguments) throws SecureStoreException {
    try {
      return sluice.host.ScriptRun.current().call('secureStore.' + name, arguments)
    } catch (sluice.host.CallRefused refused) {
      if (UNKNOWN.contains(refused.code)) throw new CredentialNotFoundException(refused.message)
      throw new SecureStoreException(refused.message)
    }
  }
}

class AccessTokenAndUser {
  final String accessToken
  final String user

  AccessTokenAndUser(String accessToken, String user) {
    this.accessToken = accessToken
    this.user = user
  }

  @Override
  String toString() { "AccessTokenAndUser(${user})" }
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

  char[] getPassword() { (char[]) password.clone() }

  @Override
  String toString() { "UserCredential(${username})" }
}
