// EarshotModel
