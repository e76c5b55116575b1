package com.sap.it.api.asdk.datastore

/** Entries of the tenant's data stores. */
class DataStoreService implements com.sap.it.api.ITApi {
  /** Null when there is no such entry. */
  DataBean get(String store, String id) {
    Map<String, Object> entry = (Map<String, Object>) call('get', [(Object) store, id])
    if (entry == null) return null
    DataBean bean = new DataBean()
    bean.dataAsArray = (byte[]) entry.get('data')
    Map<String, Object> headers = (Map<String, Object>) entry.get('headers')
    if (headers != null) bean.headers = headers
    bean
  }

  void put(DataBean bean, DataConfig config) {
    call('put', [config.storeName, config.id, bean.dataAsArray, bean.headers, config.overwrite, config.expires])
  }

  void delete(String store, String id) { call('delete', [(Object) store, id]) }

  private static Object call(String name, List<?> arguments) {
    sluice.host.ScriptRun.current().call('dataStore.' + name, arguments)
  }
}

/** The content of an entry. */
class DataBean {
  byte[] dataAsArray
  Map<String, Object> headers = [:]

  InputStream getDataAsStream() { dataAsArray == null ? null : new ByteArrayInputStream(dataAsArray) }
  void setDataAsStream(InputStream stream) { dataAsArray = stream == null ? null : sluice.host.Conversions.bytesOf(stream, java.nio.charset.StandardCharsets.UTF_8) }
}

/** Where an entry is put. `alertPeriod` and `expires` are days. */
class DataConfig {
  String storeName
  String id
  boolean overwrite
  boolean encrypt = true
  int alertPeriod = 2
  int expires = 30

  void setVisibility(Object visibility) {}
}
