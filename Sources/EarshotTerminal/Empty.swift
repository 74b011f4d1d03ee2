// EarshotTerminal
