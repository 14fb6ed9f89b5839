//go:build !linux

package main

import "errors"

// benchHub measures with Linux's epoll and /proc.
type benchHub struct{}

func (benchHub) Run(*process) error { return misuse{errors.New("bench hub runs on Linux only")} }

// benchPeer is a process of such a run.
type benchPeer struct{}

func (benchPeer) Run(*process) error { return misuse{errors.New("bench hub runs on Linux only")} }

// benchSoak needs the same.
type benchSoak struct{}

func (benchSoak) Run(*process) error { return misuse{errors.New("bench soak runs on Linux only")} }
