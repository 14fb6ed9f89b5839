package staff

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// code is what an authenticator app shows now.
func (o *office) code(t *testing.T, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, o.now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// enrolled gives an account a second factor, and a moment to forget its code.
func (o *office) enrolled(t *testing.T, name string) (secret string, recovery []string) {
	t.Helper()
	e, err := o.NewFactor(name)
	if err != nil {
		t.Fatal(err)
	}
	if recovery, err = o.EnableFactor(context.Background(), name, e.Sealed, o.code(t, e.Secret)); err != nil {
		t.Fatal(err)
	}
	o.pass(time.Minute)
	return e.Secret, recovery
}

func TestACodeIsWantedOnceTheFactorIsSet(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	secret, _ := o.enrolled(t, "budi")
	request := LoginRequest{Username: "budi", Password: good}
	var second *SecondFactor
	if _, token, err := o.Login(ctx, request); !errors.As(err, &second) || token != "" {
		t.Fatalf("with the password alone: %v, token %q", err, token)
	}
	for name, c := range map[string]struct {
		request LoginRequest
		want    error
	}{
		"wrong password, right code": {LoginRequest{Username: "budi", Password: "wrong horse", Code: o.code(t, secret)}, ErrCredentials},
		"wrong code":                 {LoginRequest{Username: "budi", Password: good, Code: "000000"}, ErrCode},
		"a code of yesterday":        {LoginRequest{Username: "budi", Password: good, Code: codeAt(t, secret, o.now().Add(-24*time.Hour))}, ErrCode},
		"another's step":             {LoginRequest{Step: strings.Repeat("A", 80), Code: o.code(t, secret)}, ErrCredentials},
	} {
		if _, token, err := o.Login(ctx, c.request); !errors.Is(err, c.want) || token != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	now := o.code(t, secret)
	if _, _, err := o.Login(ctx, LoginRequest{Step: second.Step, Code: now[:3] + " " + now[3:]}); err != nil {
		t.Errorf("step and code: %v", err)
	}
	request.Code = now
	if _, _, err := o.Login(ctx, request); !errors.Is(err, ErrCode) {
		t.Errorf("the same code again: %v", err)
	}
	o.pass(30 * time.Second)
	request.Code = o.code(t, secret)
	if _, _, err := o.Login(ctx, request); err != nil {
		t.Errorf("the next code: %v", err)
	}
	o.pass(stepFor)
	if _, _, err := o.Login(ctx, LoginRequest{Step: second.Step, Code: o.code(t, secret)}); !errors.Is(err, ErrCredentials) {
		t.Errorf("a step that is too old: %v", err)
	}
}

func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestAStepEndsWithThePasswordItStandsFor(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	secret, _ := o.enrolled(t, "budi")
	var second *SecondFactor
	if _, _, err := o.Login(ctx, LoginRequest{Username: "budi", Password: good}); !errors.As(err, &second) {
		t.Fatal(err)
	}
	if err := o.SetPassword(ctx, "budi", "kata sandi lain"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := o.Login(ctx, LoginRequest{Step: second.Step, Code: o.code(t, secret)}); !errors.Is(err, ErrCredentials) {
		t.Errorf("after another password: %v", err)
	}
}

// Whoever finds the page of the second step left open cannot keep it open.
func TestAStepIsNotRenewedByItself(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	secret, _ := o.enrolled(t, "budi")
	var second *SecondFactor
	if _, _, err := o.Login(ctx, LoginRequest{Username: "budi", Password: good}); !errors.As(err, &second) {
		t.Fatal(err)
	}
	o.pass(stepFor - time.Second)
	if _, _, err := o.Login(ctx, LoginRequest{Step: second.Step}); !errors.As(err, &second) {
		t.Fatal(err)
	}
	o.pass(2 * time.Second)
	if _, _, err := o.Login(ctx, LoginRequest{Step: second.Step, Code: o.code(t, secret)}); !errors.Is(err, ErrCredentials) {
		t.Errorf("six minutes after the password: %v", err)
	}
}

func TestARecoveryCodeOpensOnce(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	_, recovery := o.enrolled(t, "budi")
	with := func(code string) error {
		_, _, err := o.Login(ctx, LoginRequest{Username: "budi", Password: good, Code: code})
		return err
	}
	if err := with(strings.ToLower(recovery[3])); err != nil {
		t.Fatal(err)
	}
	if err := with(recovery[3]); !errors.Is(err, ErrCode) {
		t.Errorf("again: %v", err)
	}
	if n, err := o.RecoveryLeft(ctx, "budi"); n != recoveryCodes-1 || err != nil {
		t.Errorf("%d are left, %v", n, err)
	}
	renewed, err := o.RenewRecovery(ctx, "budi")
	if err != nil {
		t.Fatal(err)
	}
	if err := with(recovery[4]); !errors.Is(err, ErrCode) {
		t.Errorf("one of before: %v", err)
	}
	if err := with(renewed[0]); err != nil {
		t.Errorf("a new one: %v", err)
	}
	if err := o.RemoveFactor(ctx, "budi"); err != nil {
		t.Fatal(err)
	}
	if err := with(""); err != nil {
		t.Errorf("after the factor was removed: %v", err)
	}
	if _, err := o.RenewRecovery(ctx, "budi"); !errors.Is(err, ErrNoFactor) {
		t.Errorf("recovery codes of nothing: %v", err)
	}
}

func TestGuessingCodesSlowsDown(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	secret, _ := o.enrolled(t, "budi")
	with := func(code string) error {
		_, _, err := o.Login(ctx, LoginRequest{Username: "budi", Password: good, Code: code})
		return err
	}
	for range 6 {
		if err := with("000000"); !errors.Is(err, ErrCode) {
			t.Fatal(err)
		}
	}
	var limited *RateLimited
	if err := with(o.code(t, secret)); !errors.As(err, &limited) {
		t.Errorf("after six guesses: %v", err)
	}
	if _, _, err := o.Login(ctx, LoginRequest{Username: "budi", Password: good}); errors.As(err, &limited) {
		t.Errorf("asking for the step counts as a guess: %v", err)
	}
	o.pass(time.Second)
	if err := with(o.code(t, secret)); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

func TestOneCodeOpensOneOfManyAtTheSameMoment(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	secret, _ := o.enrolled(t, "budi")
	code := o.code(t, secret)
	var wg sync.WaitGroup
	opened := make(chan bool, 8)
	for range cap(opened) {
		wg.Go(func() {
			_, _, err := o.node().Login(ctx, LoginRequest{Username: "budi", Password: good, Code: code})
			opened <- err == nil
		})
	}
	wg.Wait()
	close(opened)
	n := 0
	for ok := range opened {
		if ok {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d sessions by one code", n)
	}
}

func TestAFactorIsSetByItsOwnerAndOnce(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	o.add(t, "sari", Administrator)
	e, err := o.NewFactor("budi")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.Resume("budi", e.Sealed); err != nil || again != e {
		t.Errorf("resumed %+v, %v", again, err)
	}
	for name, err := range map[string]error{
		"wrong code": second(o.EnableFactor(ctx, "budi", e.Sealed, "000000")),
		"another's":  second(o.EnableFactor(ctx, "sari", e.Sealed, o.code(t, e.Secret))),
	} {
		if want := map[string]error{"wrong code": ErrCode, "another's": ErrEnrolment}[name]; !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := o.EnableFactor(ctx, "budi", e.Sealed, o.code(t, e.Secret)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.EnableFactor(ctx, "budi", e.Sealed, o.code(t, e.Secret)); !errors.Is(err, ErrFactor) {
		t.Errorf("twice: %v", err)
	}
	o.pass(enrolFor + time.Second)
	if _, err := o.EnableFactor(ctx, "budi", e.Sealed, o.code(t, e.Secret)); !errors.Is(err, ErrEnrolment) {
		t.Errorf("too late: %v", err)
	}
	list, err := o.List(ctx)
	if err != nil || !list[0].SecondFactor || list[1].SecondFactor {
		t.Errorf("%+v, %v", list, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAPINAsksForNoCodeAndOpensNoAdministration(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	o.enrolled(t, "budi")
	if err := o.SetPIN(ctx, "budi", "4711"); err != nil {
		t.Fatal(err)
	}
	_, tablet := o.paired(t, CounterDevice)
	begun, _, err := o.Login(ctx, LoginRequest{Username: "budi", PIN: "4711", Device: tablet})
	if err != nil || May(begun, Accounts, "") {
		t.Errorf("%+v, %v", begun, err)
	}
}

func TestWithoutTheRequiredFactorAnAdministratorMayOnlySetItUp(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.RequireFactor = true
	o.add(t, "budi", Administrator, Officer)
	o.add(t, "rina", Officer)
	token := o.login(t, "budi")
	found, err := o.Session(ctx, token)
	if err != nil || !found.Enrol || May(found, Accounts, "") || !May(found, Serve, "bandung") {
		t.Errorf("%+v, %v", found, err)
	}
	if found, err := o.Session(ctx, o.login(t, "rina")); err != nil || found.Enrol {
		t.Errorf("an officer: %+v, %v", found, err)
	}
	o.enrolled(t, "budi")
	if found, err := o.Session(ctx, token); err != nil || found.Enrol || !May(found, Accounts, "") {
		t.Errorf("after setting it up: %+v, %v", found, err)
	}
}

func TestConfirmingIsALoginWithoutASession(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	if err := o.Confirm(ctx, LoginRequest{Username: "budi", Password: good}, ""); err != nil {
		t.Error(err)
	}
	if err := o.Confirm(ctx, LoginRequest{Username: "budi", Password: "wrong horse"}, ""); !errors.Is(err, ErrCredentials) {
		t.Error(err)
	}
	if all, err := o.SignIns(ctx, ""); len(all) != 0 || err != nil {
		t.Errorf("%+v, %v", all, err)
	}
}
