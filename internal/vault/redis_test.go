package vault

import (
	"sync"
	"testing"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/ledger/redistest"
)

// onCluster are the stores of tests that run once more, on a Cluster, by the
// test's name.
var onCluster sync.Map

// TestOnAClusterTheVaultKeepsItsPromises runs what claims and sealed records
// promise on three masters, of which a replica confirms every write.
func TestOnAClusterTheVaultKeepsItsPromises(t *testing.T) {
	c := redistest.StartCluster(t, 3, 1, 15*time.Second)
	r, err := ledger.OpenRedis(t.Context(), c.URL(), ledger.RedisOptions{WaitReplicas: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for name, test := range map[string]func(*testing.T){
		"a person is sealed until erased or expired": TestAPersonIsKeptSealedUntilErasedOrExpired,
		"a moved record does not open":               TestARecordMovedOrUnderAWrongKeyDoesNotOpen,
		"a wrong key is noticed":                     TestAWrongKeyIsNoticedAtStart,
		"sweep spares what is on its way":            TestSweepErasesWhatHasNoTicketAndSparesWhatIsOnItsWay,
		"an identity has one holder":                 TestAnIdentityHasOneHolderUntilItIsTakenOver,
		"families never hold half of each other":     TestFamiliesWhoSharePeopleNeverHoldHalfOfEachOther,
		"beyond a foreign claim it only looks":       TestBeyondAForeignClaimItOnlyLooks,
		"a claim outlives its key":                   TestAClaimOutlivesTheKeyThatItWasMadeUnder,
		"sweep spares what a retry writes":           TestSweepSparesWhatARetryWritesMeanwhile,
		"a forgotten identity names nobody":          TestAForgottenIdentityNamesNobodyUnderAnyKeyAndBooksAgain,
		"notes of two officers are both kept":        TestNotesOfTwoOfficersAreBothKeptAndARepetitionIsOne,
		"subscriptions are replaced and forgotten":   TestSubscriptionsAreSealedReplacedAndForgotten,
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range c.Servers[:3] {
				if _, err := s.Ask("FLUSHALL"); err != nil {
					t.Fatal(err)
				}
			}
			onCluster.Store(t.Name(), r)
			test(t)
		})
	}
}
