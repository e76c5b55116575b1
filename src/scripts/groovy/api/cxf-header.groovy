package org.apache.cxf.headers

import javax.xml.namespace.QName

/** A header of a message; scripts put lists of them into the header of this name. */
class Header {
  static final String HEADER_LIST = 'org.apache.cxf.headers.Header.list'
  QName name
  Object object
  Object dataBinding

  Header(QName name, Object object) {
    this.name = name
    this.object = object
  }
}
