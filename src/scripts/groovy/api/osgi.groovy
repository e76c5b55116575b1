package org.osgi.framework

/** The way through OSGi to a service: it ends at the services of `ITApiFactory`. */
class FrameworkUtil {
  static Bundle getBundle(Class type) { new Bundle() }
}

class Bundle {
  BundleContext getBundleContext() { new BundleContext() }
  String getSymbolicName() { sluice.host.ScriptRun.current().flowId }
  Version getVersion() { new Version() }
}

class Version {
  int getMajor() { 1 }
  int getMinor() { 0 }
  int getMicro() { 0 }

  @Override
  String toString() { "${major}.${minor}.${micro}".toString() }
}

class BundleContext {
  Bundle getBundle() { new Bundle() }

  /** Null where there is no such service. */
  ServiceReference getServiceReference(Class type) {
    Object service = com.sap.it.api.ITApiFactory.getService(type, null)
    service == null ? null : new ServiceReference(service)
  }

  ServiceReference getServiceReference(String name) {
    try {
      return getServiceReference(Class.forName(name))
    } catch (ClassNotFoundException ignored) {
      return null
    }
  }

  Object getService(ServiceReference reference) { reference?.service }
  boolean ungetService(ServiceReference reference) { true }
}

class ServiceReference {
  final Object service

  ServiceReference(Object service) { this.service = service }

}
