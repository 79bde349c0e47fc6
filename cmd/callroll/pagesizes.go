package main

import (
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
)

// The names of the lists in the state folder.
const (
	usersList  = "users"
	groupsList = "groups"
)

// pageSizes are what earlier runs have learned. A state folder that cannot be used says so when the run begins.
func (s *session) pageSizes(host string) genesys.PageSizes {
	dir, err := s.stateDir()
	if err != nil || dir == "" {
		return genesys.PageSizes{}
	}
	sizes := journal.ReadPageSizes(dir, host)
	return genesys.PageSizes{Users: sizes[usersList], Groups: sizes[groupsList]}
}

// learn keeps what this run has learned about the sizes of pages.
func (st *state) learn() error {
	sizes, learned := journal.PageSizes{}, st.conn.PageSizes()
	for name, size := range map[string]int{usersList: learned.Users, groupsList: learned.Groups} {
		if size > 0 {
			sizes[name] = size
		}
	}
	return st.journal.KeepPageSizes(st.conn.Host(), sizes)
}
