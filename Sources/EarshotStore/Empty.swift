// EarshotStore
