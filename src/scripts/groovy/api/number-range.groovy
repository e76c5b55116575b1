package com.sap.it.api.nrc

import com.sap.it.api.nrc.exception.NumberRangeConfigException

class NumberRangeConfigurationService implements com.sap.it.api.ITApi {
  /** The next value, with leading zeros as the number range says; the second argument is ignored, as in the original. */
  String getNextValuefromNumberRange(String numberRange, Object context = null) throws NumberRangeConfigException {
    try {
      return (String) sluice.host.ScriptRun.current().call('numberRange.nextValue', [(Object) numberRange])
    } catch (sluice.host.CallRefused refused) {
      throw new NumberRangeConfigException(refused.message)
    }
  }
}
