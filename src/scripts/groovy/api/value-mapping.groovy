package com.sap.xi.mapping.camel.valmap

/** Names that scripts import beside the value mapping API, without calling them. */
interface VMStore {
}

class VMValidationException extends Exception {
  VMValidationException(String message) { super(message) }
}

class ValueMappingApiHandler implements com.sap.it.spi.ITApiHandler<com.sap.it.api.mapping.ValueMappingApi> {
}
