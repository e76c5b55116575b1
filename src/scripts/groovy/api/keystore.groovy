package com.sap.it.api.keystore

import com.sap.it.api.keystore.exception.KeystoreException

import javax.net.ssl.KeyManager
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.TrustManager
import javax.net.ssl.TrustManagerFactory
import java.security.GeneralSecurityException
import java.security.Key
import java.security.KeyFactory
import java.security.KeyPair
import java.security.KeyStore
import java.security.PrivateKey
import java.security.cert.Certificate
import java.security.cert.CertificateFactory
import java.security.spec.PKCS8EncodedKeySpec

/** Entries of the tenant's keystore; null where there is none of the alias. */
class KeystoreService implements com.sap.it.api.ITApi {
  Key getKey(String alias) throws KeystoreException {
    Map<String, Object> key = (Map<String, Object>) call('getKey', alias)
    if (key == null) return null
    String algorithm = (String) key.get('algorithm')
    reading(alias) { KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec((byte[]) key.get('pkcs8'))) }
  }

  KeyPair getKeyPair(String alias) throws KeystoreException {
    Key key = getKey(alias)
    Certificate certificate = getCertificate(alias)
    key == null || certificate == null ? null : new KeyPair(certificate.publicKey, (PrivateKey) key)
  }

  Certificate getCertificate(String alias) throws KeystoreException {
    Certificate[] chain = getCertificateChain(alias)
    chain == null ? null : chain[0]
  }

  /** The certificate of the alias first. */
  Certificate[] getCertificateChain(String alias) throws KeystoreException {
    List<byte[]> chain = (List<byte[]>) call('getCertificateChain', alias)
    if (chain.isEmpty()) return null
    reading(alias) { certificatesOf(chain) }
  }

  /** Key managers that offer this key pair only. */
  KeyManager[] getKeyManagers(String alias) throws KeystoreException {
    Key key = getKey(alias)
    Certificate[] chain = getCertificateChain(alias)
    if (key == null || chain == null) throw new KeystoreException("The keystore has no key pair '${alias}'.".toString())
    reading(alias) {
      char[] password = UUID.randomUUID().toString().toCharArray()
      KeyStore store = KeyStore.getInstance('PKCS12')
      store.load(null, password)
      store.setKeyEntry(alias, key, password, chain)
      KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.defaultAlgorithm)
      factory.init(store, password)
      factory.keyManagers
    }
  }

  /** Trust managers that trust the certificates of the keystore only. */
  TrustManager[] getTrustManagers() throws KeystoreException {
    List<byte[]> trusted = (List<byte[]>) call('getTrustedCertificates')
    reading('trusted certificates') {
      KeyStore store = KeyStore.getInstance('PKCS12')
      store.load(null, null)
      for (Certificate certificate : certificatesOf(trusted)) store.setCertificateEntry('trusted' + store.size(), certificate)
      TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.defaultAlgorithm)
      factory.init(store)
      factory.trustManagers
    }
  }

  private static Certificate[] certificatesOf(List<byte[]> encoded) {
    CertificateFactory factory = CertificateFactory.getInstance('X.509')
    Certificate[] certificates = new Certificate[encoded.size()]
    for (int i = 0; i < certificates.length; i++) {
      certificates[i] = factory.generateCertificate(new ByteArrayInputStream(encoded.get(i)))
    }
    certificates
  }

  private static Object call(String name, String... arguments) throws KeystoreException {
    try {
      return sluice.host.ScriptRun.current().call('keystore.' + name, Arrays.<Object> asList((Object[]) arguments))
    } catch (sluice.host.CallRefused refused) {
      throw new KeystoreException(refused.message)
    }
  }

  private static <T> T reading(String alias, Closure<T> read) throws KeystoreException {
    try {
      return read.call()
    } catch (GeneralSecurityException failed) {
      throw new KeystoreException("This Java cannot read the entry '${alias}': ${failed.message}".toString(), failed)
    }
  }
}
