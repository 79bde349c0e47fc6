package main

import "runtime/debug"

// limitMemory has the collector look when half as much again has piled up as is held. Left to itself it waits for as much again.
// Whoever sets GOGC or GOMEMLIMIT knows better.
func limitMemory() { debug.SetGCPercent(50) }
