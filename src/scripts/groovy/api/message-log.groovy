package com.sap.it.api.msglog

import com.sap.gateway.ip.core.customdev.util.Message

import java.nio.charset.StandardCharsets

/** The message processing log of the current message. */
class MessageLogFactory {
  /** Null when the flow writes no log. */
  MessageLog getMessageLog(Message message) {
    sluice.host.ScriptRun run = sluice.host.ScriptRun.current()
    run.logActive ? new MessageLog(run) : null
  }
}

class MessageLog {
  private final sluice.host.ScriptRun run

  MessageLog(sluice.host.ScriptRun run) { this.run = run }

  void addAttachmentAsString(String name, String text, String mediaType) {
    run.logAttachment(name, (text == null ? '' : text).getBytes(StandardCharsets.UTF_8), mediaType)
  }

  void addAttachmentAsBytes(String name, byte[] content, String mediaType) { run.logAttachment(name, content, mediaType) }
  void addCustomHeaderProperty(String name, String value) { run.logEntry('customHeader', name, value) }
  void setStringProperty(String name, String value) { run.logEntry('property', name, value) }
  void setIntegerProperty(String name, Integer value) { run.logEntry('property', name, value) }
  void setLongProperty(String name, Long value) { run.logEntry('property', name, value) }
  void setBooleanProperty(String name, Boolean value) { run.logEntry('property', name, value) }
  void setFloatProperty(String name, Float value) { run.logEntry('property', name, value) }
  void setDoubleProperty(String name, Double value) { run.logEntry('property', name, value) }
  void setDateProperty(String name, Date value) { run.logEntry('property', name, value?.toInstant()) }
}
