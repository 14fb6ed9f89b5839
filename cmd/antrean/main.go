// Command antrean runs the queue of public service offices.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"antrean/internal/config"
)

// version is set by the build.
var version = "dev"

// commands are all that the binary does; each has a file of its own.
type commands struct {
	Serve    serveCommand    `cmd:"" default:"withargs" help:"Run the server (also plain antrean)."`
	Demo     demoCommand     `cmd:"" help:"Run a living office in the browser: simulated clock, demo accounts, nothing to install."`
	Simulate simulateCommand `cmd:"" help:"Play days of offices through the public API of a running server."`
	Bench    benchCommand    `cmd:"" help:"Measure, side by side with the limit in the same run."`
	Doctor   doctorCommand   `cmd:"" help:"Say what would hurt on Monday; fails when something is a problem."`
	Verify   verifyCommand   `cmd:"" help:"Fold every log, compare with the snapshots, check the invariants."`
	Trace    traceCommand    `cmd:"" help:"Tell one ticket's or one day's story from the log."`
	Export   exportCommand   `cmd:"" help:"Write logs and sealed records as JSON lines."`
	Import   importCommand   `cmd:"" help:"Read an export into an empty store."`
	Backup   backupCommand   `cmd:"" help:"Write a restorable copy of the whole store, while it is used."`
	Restore  restoreCommand  `cmd:"" help:"Make a store out of a backup."`
	User     userCommand     `cmd:"" help:"Staff accounts."`
	Token    tokenCommand    `cmd:"" help:"API tokens of other programs: make, list, end."`
	Person   personCommand   `cmd:"" help:"One person's data: show, report, erase; whom to tell of a breach."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

type versionCommand struct{}

func (versionCommand) Run(p *process) error {
	_, err := fmt.Fprintln(p.out, "antrean", version)
	return err
}

// process is what a command may touch of the world around it.
type process struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	err io.Writer
}

// misuse is an error of whoever called the command: exit code 2.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

func misused(format string, args ...any) error { return misuse{fmt.Errorf(format, args...)} }

// collectAt is the garbage collector's GOGC unless the environment says
// otherwise. An office lives in a few ten MB, and what a command leaves behind is
// garbage at once: collecting at five times what lives instead of twice raised
// the ratio of "antrean bench ledger" at 256 callers by 9 to 32 % in three pairs.
const collectAt = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole command line: 0 is success, 1 failure, 2 misuse.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("antrean"),
		kong.Description("Antrean: the queue of public service offices, live. Every flag has an environment variable ANTREAN_<FLAG>."),
		kong.DefaultEnvars("ANTREAN"),
		kong.Writers(out, errs),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(errs, "antrean:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(errs, "antrean: %v (--help explains)\n", err)
		return 2
	}
	err = parsed.Run(&process{ctx: ctx, in: in, out: out, err: errs})
	var wrong config.Errors
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		for _, e := range wrong {
			fmt.Fprintln(errs, e)
		}
		return 2
	case errors.As(err, new(misuse)):
		fmt.Fprintln(errs, "antrean:", err)
		return 2
	default:
		fmt.Fprintln(errs, "antrean:", err)
		return 1
	}
}
