package main

// writableDir returns nil: the rights of a folder on Windows are lists, which only a write can try.
func writableDir(string) error { return nil }
