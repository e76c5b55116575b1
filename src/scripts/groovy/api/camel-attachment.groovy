package org.apache.camel.impl

import javax.activation.DataHandler
import javax.activation.DataSource

/** An attachment with its headers. */
class DefaultAttachment implements org.apache.camel.Attachment {
  final DataHandler dataHandler
  private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER)

  DefaultAttachment(DataHandler handler) { dataHandler = handler }
  DefaultAttachment(DataSource source) { this(new DataHandler(source)) }

  String getHeader(String name) { headers.get(name) }
  Collection<String> getHeaderNames() { headers.keySet() }
  void setHeader(String name, String value) { headers.put(name, value) }
  void addHeader(String name, String value) { headers.put(name, value) }
  void removeHeader(String name) { headers.remove(name) }
  void clearHeaders() { headers.clear() }
}
