package com.sap.it.op.b2b.monitor.api

import com.sap.it.op.b2b.monitor.api.events.*

/** Makes events of the monitor of business documents. Each is handed over when it is submitted. */
class B2BMonitoringApi implements com.sap.it.api.ITApi {
  BusinessDocumentCreateEvent createBusinessDocumentCreateEvent() { new BusinessDocumentCreateEvent() }
  BusinessDocumentMappedEvent createBusinessDocumentMappedEvent() { new BusinessDocumentMappedEvent() }
  BusinessDocumentSentEvent createBusinessDocumentSentEvent() { new BusinessDocumentSentEvent() }
  BusinessDocumentSplitEvent createBusinessDocumentSplitEvent() { new BusinessDocumentSplitEvent() }
  BusinessDocumentBulkCompletionEvent createBusinessDocumentBulkCompletionEvent() { new BusinessDocumentBulkCompletionEvent() }
  BusinessDocumentUnassignedEvent createBusinessDocumentUnassignedEvent() { new BusinessDocumentUnassignedEvent() }
  ErrorEvent createErrorEvent() { new ErrorEvent() }
  FunctionalAcknowledgementReceivedEvent createFunctionalAcknowledgementReceivedEvent() { new FunctionalAcknowledgementReceivedEvent() }
  FunctionalAcknowledgementSentEvent createFunctionalAcknowledgementSentEvent() { new FunctionalAcknowledgementSentEvent() }
  OrphanedInterchangeErrorEvent createOrphanedInterchangeErrorEvent() { new OrphanedInterchangeErrorEvent() }
  TechnicalAcknowledgementReceivedEvent createTechnicalAcknowledgementReceivedEvent() { new TechnicalAcknowledgementReceivedEvent() }
  TechnicalAcknowledgementSentEvent createTechnicalAcknowledgementSentEvent() { new TechnicalAcknowledgementSentEvent() }
}

/** Something with fields that are told by setters of any name; `facts` holds what was told. */
abstract class Told {
  final Map<String, Object> facts = new LinkedHashMap<>()

  Object methodMissing(String name, Object given) {
    Object[] arguments = (Object[]) given
    if (name.startsWith('set') && arguments.length == 1) return keep(name.substring(3), arguments[0])
    if (name.startsWith('get') && arguments.length == 0) return facts.get(fieldOf(name.substring(3)))
    if (name.startsWith('is') && arguments.length == 0) return facts.get(fieldOf(name.substring(2)))
    // `addBusinessDocumentProtocolHeader(name, value)`, `setExtendedProperty(name, value)`
    if ((name.startsWith('add') || name.startsWith('set')) && arguments.length == 2) {
      String field = fieldOf(name.substring(3))
      Map<String, Object> named = (Map<String, Object>) facts.get(field)
      if (named == null) facts.put(field, named = new LinkedHashMap<String, Object>())
      named.put(String.valueOf(arguments[0]), plain(arguments[1]))
      return null
    }
    throw new MissingMethodException(name, getClass(), arguments)
  }

  Object propertyMissing(String name, Object value) { keep(name, value) }

  protected <T extends Told> T part(String field, T part) {
    ((List<Object>) facts.computeIfAbsent(field) { new ArrayList<Object>() }).add(part.facts)
    part
  }

  private Object keep(String name, Object value) {
    facts.put(fieldOf(name), plain(value))
    null
  }

  private static Object plain(Object value) {
    value instanceof Told ? ((Told) value).facts : value instanceof Enum ? ((Enum) value).name() : value instanceof GString ? value.toString() : value
  }

  private static String fieldOf(String name) { name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1) }
}

class BusinessDocument extends Told {
  BusinessDocumentPayload createPayload() { part('payloads', new BusinessDocumentPayload()) }
  BusinessTransaction createBusinessTransaction() { part('businessTransactions', new BusinessTransaction()) }
  BusinessTransaction createUpdateBusinessTransaction(Object id) { part('businessTransactions', new BusinessTransaction(id)) }
  TradingPartnerAgreement createAgreement() { part('agreements', new TradingPartnerAgreement()) }
  TradingPartnerAgreement createUpdateAgreement(Object id) { part('agreements', new TradingPartnerAgreement(id)) }
  CustomObjects createCustomObjects() { part('customObjects', new CustomObjects()) }

  BusinessDocument(Object id = null) { if (id != null) facts.put('id', String.valueOf(id)) }
}

class BusinessTransaction extends Told {
  BusinessTransaction(Object id = null) { if (id != null) facts.put('id', String.valueOf(id)) }

  TradingPartnerAgreement createAgreement() { part('agreements', new TradingPartnerAgreement()) }
  TradingPartnerAgreement createUpdateAgreement(Object id) { part('agreements', new TradingPartnerAgreement(id)) }
}

class TradingPartnerAgreement extends Told {
  TradingPartnerAgreement(Object id = null) { if (id != null) facts.put('id', String.valueOf(id)) }
}

class BusinessDocumentPayload extends Told {
}

class CustomObjects extends Told {
}

class OrphanedInterchange extends Told {
}

class FunctionalAcknowledgement extends BusinessDocument {
  FunctionalAcknowledgement(Object id = null) { super(id) }
}

class TechnicalAcknowledgement extends BusinessDocument {
  TechnicalAcknowledgement(Object id = null) { super(id) }
}
