// EarshotControl
