package com.sap.gateway.ip.core.customdev.util

import org.apache.camel.Exchange
import org.apache.camel.impl.DefaultAttachment

import javax.activation.DataHandler
import javax.activation.DataSource

/** The message as scripts see it. */
interface Message {
  Object getBody()
  def <T> T getBody(Class<T> type)
  void setBody(Object body)
  long getBodySize()
  Map<String, Object> getHeaders()
  void setHeaders(Map<String, Object> headers)
  Object getHeader(String name)
  def <T> T getHeader(String name, Class<T> type)
  void setHeader(String name, Object value)
  Map<String, Object> getProperties()
  void setProperties(Map<String, Object> properties)
  Object getProperty(String name)
  void setProperty(String name, Object value)
  Map<String, DataHandler> getAttachments()
  void setAttachments(Map<String, DataHandler> attachments)
  long getAttachmentsSize()
  Map<String, AttachmentWrapper> getAttachmentWrapperObjects()
  void setAttachmentWrapperObjects(Map<String, AttachmentWrapper> attachments)
  void addAttachmentObject(String name, Object attachment)
  void addAttachmentHeader(String name, String value, AttachmentWrapper attachment)
  String getAttachmentHeader(String name, AttachmentWrapper attachment)
  void removeAttachmentHeader(String name, AttachmentWrapper attachment)
  List<SoapHeader> getSoapHeaders()
  void setSoapHeaders(List<SoapHeader> headers)
  void clearSoapHeaders()
  /** The raw message of Camel, as far as there is one. */
  Exchange getExchange()
}

/** An attachment with its headers. */
class AttachmentWrapper extends DefaultAttachment {
  AttachmentWrapper(DataSource source) { super(source) }
  AttachmentWrapper(DataHandler handler) { super(handler) }
}

/** A header of a SOAP envelope. */
class SoapHeader {
  String namespace
  String name
  Object value
  boolean mustUnderstand
  String actor

  SoapHeader(String namespace, String name, Object value, boolean mustUnderstand, String actor) {
    this.namespace = namespace
    this.name = name
    this.value = value
    this.mustUnderstand = mustUnderstand
    this.actor = actor
  }
}
