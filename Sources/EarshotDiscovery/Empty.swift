// EarshotDiscovery
