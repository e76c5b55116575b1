package com.sap.it.api.mapping

class ValueMappingApi implements com.sap.it.api.ITApi {
  /** Null when there is no such mapping. */
  String getMappedValue(String agency, String schema, String value, String targetAgency, String targetSchema) {
    (String) sluice.host.ScriptRun.current().call('valueMapping.getMappedValue', [agency, schema, value, targetAgency, targetSchema])
  }
}

/** What a function of a message mapping sees of the message. */
interface MappingContext {
  Object getHeader(String name)
  Object getProperty(String name)
  void setHeader(String name, Object value)
  void setProperty(String name, Object value)
  void addWarning(String words)
}

/** The queue that a function of a message mapping fills. */
interface Output {
  void addValue(Object value)
  void addSuppress()
  void addContextChange()
  boolean isSuppress(Object value)
}
