package com.sap.it.api

import com.sap.it.api.asdk.datastore.DataStoreService
import com.sap.it.api.keystore.KeystoreService
import com.sap.it.api.mapping.ValueMappingApi
import com.sap.it.api.nrc.NumberRangeConfigurationService
import com.sap.it.api.pd.PartnerDirectoryService
import com.sap.it.api.securestore.SecureStoreService
import com.sap.it.op.b2b.monitor.api.B2BMonitoringApi

/** Marks the services that scripts may ask for. */
interface ITApi {
}

class ITApiFactory {
  private static final Set<Class> SERVICES = [SecureStoreService, KeystoreService, ValueMappingApi, PartnerDirectoryService,
    NumberRangeConfigurationService, DataStoreService, B2BMonitoringApi] as Set<Class>

  /** The service of this type; null where there is none. */
  static <T> T getService(Class<T> type, Object context) {
    SERVICES.contains(type) ? (T) type.getDeclaredConstructor().newInstance() : null
  }

  static <T> T getApi(Class<T> type, Object context) { getService(type, context) }
}
