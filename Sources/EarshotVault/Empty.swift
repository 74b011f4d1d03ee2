// EarshotVault
