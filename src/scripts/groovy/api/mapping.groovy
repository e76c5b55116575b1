package com.sap.it.api.mapping

class ValueMappingApi implements com.sap.it.api.ITApi {
  /** Null when there is no such mapping. */
  String getMappedValue(String agency, String schema, String value, String targetAgency, String targetSchema) {
    (String) sluice.host.ScriptRun.current().call('valueMapping.getMappedValue', [agency, schema, value, targetAgency, targetSchema])
  }
}
