package com.sap.it.api.asdk.runtime

/** Another way to the services. */
class Factory {
  private final Class type

  Factory(Class type) { this.type = type }

  Object getService() { com.sap.it.api.ITApiFactory.getService(type, null) }
}
