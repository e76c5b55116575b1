package org.apache.cxf.binding.soap

import org.apache.cxf.headers.Header

import javax.xml.namespace.QName

/** A header of a SOAP envelope. */
class SoapHeader extends Header {
  String actor = ''
  boolean mustUnderstand

  SoapHeader(QName name, Object object) { super(name, object) }
}
