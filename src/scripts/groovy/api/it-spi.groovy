package com.sap.it.spi

/** Named by scripts that import whatever stands beside the value mapping; nothing of it is called. */
interface ITApiHandler<T> {
}
