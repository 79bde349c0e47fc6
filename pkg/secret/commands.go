package secret

import (
	"context"
	"errors"
	"os/exec"
	"sync"
)

// Commands knows the commands that [ReadCommand] runs with a context of [Commands.In]. It is for a process that ends without
// waiting for its work: the end of a context kills a command a moment later, and the end of the process does not kill it. The zero
// value is ready to use. It is safe for concurrent use.
type Commands struct {
	mu      sync.Mutex
	running map[*exec.Cmd]bool
	killed  bool
}

type commandsKey struct{}

// In returns a context whose commands c knows.
func (c *Commands) In(ctx context.Context) context.Context {
	return context.WithValue(ctx, commandsKey{}, c)
}

// Kill kills all commands, each with its process group. No other command starts afterwards.
func (c *Commands) Kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.killed = true
	for cmd := range c.running {
		_ = cmd.Cancel() // it may have ended just now
	}
}

// start starts a command. The caller calls the function that is returned after the end of the command.
func (c *Commands) start(cmd *exec.Cmd) (ended func(), err error) {
	c.mu.Lock() // during the start too, so that Kill cannot miss a command
	defer c.mu.Unlock()
	if c.killed {
		return nil, errors.New("the program is being stopped")
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if c.running == nil {
		c.running = map[*exec.Cmd]bool{}
	}
	c.running[cmd] = true
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.running, cmd)
	}, nil
}

// commandsIn returns the Commands of a context, or new ones.
func commandsIn(ctx context.Context) *Commands {
	if c, ok := ctx.Value(commandsKey{}).(*Commands); ok {
		return c
	}
	return new(Commands)
}
