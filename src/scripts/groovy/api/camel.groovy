package org.apache.camel

import com.sap.gateway.ip.core.customdev.util.Message as ScriptableMessage

/** What scripts ask the raw exchange of a message: ids, and the message again. */
interface Exchange {
  static final String CONTENT_TYPE = 'Content-Type'
  static final String CHARSET_NAME = 'CamelCharsetName'
  static final String CREATED_TIMESTAMP = 'CamelCreatedTimestamp'
  static final String EXCEPTION_CAUGHT = 'CamelExceptionCaught'
  static final String FILE_NAME = 'CamelFileName'
  static final String HTTP_METHOD = 'CamelHttpMethod'
  static final String HTTP_PATH = 'CamelHttpPath'
  static final String HTTP_QUERY = 'CamelHttpQuery'
  static final String HTTP_RESPONSE_CODE = 'CamelHttpResponseCode'
  static final String HTTP_RESPONSE_TEXT = 'CamelHttpResponseText'
  static final String HTTP_URI = 'CamelHttpUri'
  static final String HTTP_URL = 'CamelHttpUrl'
  static final String LOOP_INDEX = 'CamelLoopIndex'
  static final String SPLIT_COMPLETE = 'CamelSplitComplete'
  static final String SPLIT_INDEX = 'CamelSplitIndex'
  static final String SPLIT_SIZE = 'CamelSplitSize'

  String getExchangeId()
  CamelContext getContext()
  /** The message itself: it has body and headers as scripts expect them of the raw message. */
  ScriptableMessage getIn()
  ScriptableMessage getOut()
  ScriptableMessage getMessage()
  boolean hasOut()
  Map<String, Object> getProperties()
  boolean hasProperties()
  Object getProperty(String name)
  Object getProperty(String name, Object otherwise)
  def <T> T getProperty(String name, Class<T> type)
  void setProperty(String name, Object value)
  Object removeProperty(String name)
  String getFromRouteId()
  /** The caught error, in an exception subprocess. */
  Exception getException()
}

class CamelContext {
  final String name

  CamelContext(String name) { this.name = name }

  String getVersion() { 'sluice' }

  /** The way to a component by its name leads nowhere: there are no components here. */
  List<Endpoint> getEndpoints() { [] }
  Registry getRegistry() { new Registry() }
}

interface Endpoint {
  String getEndpointUri()
}

/** Finds what scripts look up by a class name: the services of `ITApiFactory`. */
class Registry {
  Object lookupByName(String name) {
    try {
      return com.sap.it.api.ITApiFactory.getService(Class.forName(name), null)
    } catch (ClassNotFoundException ignored) {
      return null
    }
  }

  Object lookup(String name) { lookupByName(name) }
}

interface Attachment {
  javax.activation.DataHandler getDataHandler()
  String getHeader(String name)
  Collection<String> getHeaderNames()
  void setHeader(String name, String value)
  void addHeader(String name, String value)
  void removeHeader(String name)
  void clearHeaders()
}
