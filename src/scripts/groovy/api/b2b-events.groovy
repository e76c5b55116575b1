package com.sap.it.op.b2b.monitor.api.events

import com.sap.it.op.b2b.monitor.api.BusinessDocument
import com.sap.it.op.b2b.monitor.api.FunctionalAcknowledgement
import com.sap.it.op.b2b.monitor.api.OrphanedInterchange
import com.sap.it.op.b2b.monitor.api.TechnicalAcknowledgement
import com.sap.it.op.b2b.monitor.api.Told

/** What happened to business documents; nothing is known of it before it is submitted. */
abstract class MonitoringEvent extends Told {
  BusinessDocument createBusinessDocument() { part('businessDocuments', new BusinessDocument()) }
  BusinessDocument createUpdateBusinessDocument(Object id) { part('businessDocuments', new BusinessDocument(id)) }
  FunctionalAcknowledgement createFunctionalAcknowledgement() { part('functionalAcknowledgements', new FunctionalAcknowledgement()) }
  FunctionalAcknowledgement createUpdateFunctionalAcknowledgement(Object id) {
    part('functionalAcknowledgements', new FunctionalAcknowledgement(id))
  }
  TechnicalAcknowledgement createTechnicalAcknowledgement() { part('technicalAcknowledgements', new TechnicalAcknowledgement()) }
  TechnicalAcknowledgement createUpdateTechnicalAcknowledgement(Object id) {
    part('technicalAcknowledgements', new TechnicalAcknowledgement(id))
  }
  OrphanedInterchange createOrphanedInterchange() { part('orphanedInterchanges', new OrphanedInterchange()) }

  void submit() { hand('submitted') }
  void submitBeforeMessageTransmission() { hand('beforeTransmission') }

  private void hand(String when) {
    sluice.host.ScriptRun.current().call('b2bMonitor.event', [(Object) getClass().simpleName, when, groovy.json.JsonOutput.toJson(facts)])
  }
}

class BusinessDocumentEvent extends MonitoringEvent {
}

class BusinessDocumentCreateEvent extends BusinessDocumentEvent {
}

class BusinessDocumentMappedEvent extends BusinessDocumentEvent {
}

class BusinessDocumentSentEvent extends BusinessDocumentEvent {
}

class BusinessDocumentSplitEvent extends BusinessDocumentEvent {
}

class BusinessDocumentBulkCompletionEvent extends BusinessDocumentEvent {
}

class BusinessDocumentUnassignedEvent extends BusinessDocumentEvent {
}

class ErrorEvent extends MonitoringEvent {
}

class OrphanedInterchangeErrorEvent extends ErrorEvent {
}

class FunctionalAcknowledgementEvent extends MonitoringEvent {
}

class FunctionalAcknowledgementReceivedEvent extends FunctionalAcknowledgementEvent {
}

class FunctionalAcknowledgementSentEvent extends FunctionalAcknowledgementEvent {
}

class TechnicalAcknowledgementEvent extends MonitoringEvent {
}

class TechnicalAcknowledgementReceivedEvent extends TechnicalAcknowledgementEvent {
}

class TechnicalAcknowledgementSentEvent extends TechnicalAcknowledgementEvent {
}
