package staff

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSessionsAreListedAndEnded(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	o.add(t, "rina", Officer)
	if err := o.SetPIN(ctx, "rina", "4711"); err != nil {
		t.Fatal(err)
	}
	_, first, err := o.Login(ctx, LoginRequest{Username: "rina", Password: good, Agent: "Firefox"})
	if err != nil {
		t.Fatal(err)
	}
	began := o.now()
	o.pass(10 * time.Minute)
	device, tablet := o.paired(t, CounterDevice)
	_, second, err := o.Login(ctx, LoginRequest{Username: "rina", PIN: "4711", Device: tablet})
	if err != nil {
		t.Fatal(err)
	}
	o.login(t, "budi")
	o.pass(10 * time.Minute)
	if _, err := o.Session(ctx, first); err != nil {
		t.Fatal(err)
	}
	got, err := o.SignIns(ctx, "rina")
	want := []SignIn{
		{ID: fingerprint(first), User: "rina", Agent: "Firefox", Started: began, Used: o.now(), Expires: o.now().Add(idleLimit)},
		{ID: fingerprint(second), User: "rina", Device: device.Name, PIN: true, Started: began.Add(10 * time.Minute), Used: began.Add(10 * time.Minute), Expires: began.Add(10*time.Minute + idleLimit)},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	if err := o.EndSignIn(ctx, "budi", fingerprint(first)); err != nil { // not hers
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, first); err != nil {
		t.Errorf("ended under another's name: %v", err)
	}
	if err := o.EndSignIn(ctx, "rina", fingerprint(first)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, first); !errors.Is(err, ErrNoSession) {
		t.Errorf("an ended session: %v", err)
	}
	kept := o.login(t, "rina")
	if err := o.EndSignIns(ctx, "rina", fingerprint(kept)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, second); !errors.Is(err, ErrNoSession) {
		t.Errorf("all others were ended, but %v", err)
	}
	if _, err := o.Session(ctx, kept); err != nil {
		t.Errorf("the one that asked: %v", err)
	}
	if err := o.SetPassword(ctx, "rina", "kata sandi lain"); err != nil {
		t.Fatal(err)
	}
	if all, err := o.SignIns(ctx, ""); len(all) != 1 || all[0].User != "budi" || err != nil {
		t.Errorf("after another password: %+v, %v", all, err)
	}
}

func TestRolesChangeAndTheLastAdministratorStaysOne(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "budi", Administrator)
	o.add(t, "rina", Officer)
	token := o.login(t, "rina")
	if err := o.SetRoles(ctx, "budi", []Role{Desk}, nil); !errors.Is(err, ErrLastAdmin) {
		t.Errorf("the last: %v", err)
	}
	if err := o.SetRoles(ctx, "rina", nil, nil); !errors.Is(err, ErrRole) {
		t.Errorf("none: %v", err)
	}
	if err := o.SetRoles(ctx, "nobody", []Role{Desk}, nil); !errors.Is(err, ErrNoAccount) {
		t.Errorf("nobody: %v", err)
	}
	if err := o.SetRoles(ctx, "rina", []Role{Desk}, []string{"jakarta"}); err != nil {
		t.Fatal(err)
	}
	if found, err := o.Session(ctx, token); err != nil || !May(found, DeskWork, "jakarta") || May(found, Serve, "bandung") {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestPasswordsThatAreTriedFirstAreRefused(t *testing.T) {
	for password, want := range map[string]error{
		"password": ErrWeakPassword, "Password123!": ErrWeakPassword, "qwertyuiop": ErrWeakPassword, "12345678": ErrWeakPassword, "19900805": ErrWeakPassword,
		"081234567": ErrWeakPassword, "ibu-kepala": ErrWeakPassword, "Ibu-Kepala2026": ErrWeakPassword, "imigrasi2026": ErrWeakPassword, "bismillah": ErrWeakPassword,
		"1234567": ErrPassword, good: nil, "ibu kepala kantor pagi": nil, "sandi-baru": nil, "123456 kuda benar": nil,
	} {
		if err := CheckPassword("ibu-kepala", password); !errors.Is(err, want) {
			t.Errorf("%s: %v", password, err)
		}
	}
}

func TestAPasswordLinkWorksOnceAndForThreeDays(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	token := o.login(t, "rina")
	link, expires, err := o.PasswordLink(ctx, "rina")
	if err != nil || !expires.Equal(o.now().Add(linkFor)) {
		t.Fatal(err)
	}
	if err := o.SetLinkedPassword(ctx, link, "password"); !errors.Is(err, ErrWeakPassword) {
		t.Errorf("a weak one: %v", err)
	}
	if err := o.SetLinkedPassword(ctx, link, "kata sandi lain"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, token); !errors.Is(err, ErrNoSession) {
		t.Errorf("the session of before: %v", err)
	}
	for name, wrong := range map[string]string{"used": link, "cut": link[:len(link)-2], "empty": ""} {
		if err := o.SetLinkedPassword(ctx, wrong, "kata sandi ketiga"); !errors.Is(err, ErrSetupLink) {
			t.Errorf("%s: %v", name, err)
		}
	}
	late, _, err := o.PasswordLink(ctx, "rina")
	if err != nil {
		t.Fatal(err)
	}
	o.pass(linkFor + time.Second)
	if _, err := o.Linked(ctx, late); !errors.Is(err, ErrSetupLink) {
		t.Errorf("late: %v", err)
	}
	if _, _, err := o.PasswordLink(ctx, "nobody"); !errors.Is(err, ErrNoAccount) {
		t.Errorf("of nobody: %v", err)
	}
}

func TestAnOwnerChangesThePasswordAndStaysIn(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	old := o.login(t, "rina")
	request := LoginRequest{Username: "rina", Password: "wrong horse"}
	if _, _, err := o.ChangePassword(ctx, request, "kata sandi lain"); !errors.Is(err, ErrCredentials) {
		t.Errorf("without the old one: %v", err)
	}
	request.Password = good
	_, token, err := o.ChangePassword(ctx, request, "kata sandi lain")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Session(ctx, old); !errors.Is(err, ErrNoSession) {
		t.Errorf("the old session: %v", err)
	}
	if found, err := o.Session(ctx, token); err != nil || found.User != "rina" {
		t.Errorf("the new one: %+v, %v", found, err)
	}
}

// Nobody is told that their link is dead because the store did not answer.
func TestALinkIsNotDeadWhileTheStoreIsAway(t *testing.T) {
	ctx, o := context.Background(), newOffice(t)
	o.add(t, "rina", Officer)
	link, _, err := o.PasswordLink(ctx, "rina")
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(ctx)
	leave()
	if _, err := o.Linked(gone, link); err == nil || errors.Is(err, ErrSetupLink) {
		t.Errorf("without an answer: %v", err)
	}
}
