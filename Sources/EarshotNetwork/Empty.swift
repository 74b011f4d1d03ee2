// EarshotNetwork
