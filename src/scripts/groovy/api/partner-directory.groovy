package com.sap.it.api.pd

class PartnerDirectoryService implements com.sap.it.api.ITApi {
  /** A text parameter, or a binary one as BinaryData; null when the partner has none of the name. */
  def <T> T getParameter(String name, String partner, Class<T> type) {
    Object value = call('getParameter', [name, partner, type == BinaryData ? 'binary' : 'string'])
    if (type != BinaryData || value == null) return (T) value
    Map<String, Object> binary = (Map<String, Object>) value
    (T) new BinaryData((byte[]) binary.get('data'), (String) binary.get('mimeType'))
  }

  String getPartnerId(String agency, String scheme, String id) { (String) call('getPartnerId', [agency, scheme, id]) }
  String getAlternativePartnerId(String agency, String scheme, String partner) {
    (String) call('getAlternativePartnerId', [agency, scheme, partner])
  }
  String getPartnerIdOfAuthorizedUser(String user) { (String) call('getPartnerIdOfAuthorizedUser', [user]) }
  List<String> getAuthorizedUsers(String partner) { (List<String>) call('getAuthorizedUsers', [partner]) }

  private static Object call(String name, List<?> arguments) {
    sluice.host.ScriptRun.current().call('partnerDirectory.' + name, arguments)
  }
}

class BinaryData {
  final byte[] data
  final String mimeType

  BinaryData(byte[] data, String mimeType) {
    this.data = data
    this.mimeType = mimeType
  }

  String getContentType() { mimeType }
}
