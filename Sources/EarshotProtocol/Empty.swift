// EarshotProtocol
