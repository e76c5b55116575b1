package com.sap.it.api

import com.sap.it.api.keystore.KeystoreService
import com.sap.it.api.mapping.ValueMappingApi
import com.sap.it.api.pd.PartnerDirectoryService
import com.sap.it.api.securestore.SecureStoreService

/** Marks the services that scripts may ask for. */
interface ITApi {
}

class ITApiFactory {
  /** The service of this type; null where there is none. */
  static <T> T getService(Class<T> type, Object context) {
    switch (type) {
      case SecureStoreService: return (T) new SecureStoreService()
      case KeystoreService: return (T) new KeystoreService()
      case ValueMappingApi: return (T) new ValueMappingApi()
      case PartnerDirectoryService: return (T) new PartnerDirectoryService()
      default: return null
    }
  }

  static <T> T getApi(Class<T> type, Object context) { getService(type, context) }
}
