// EarshotNode
