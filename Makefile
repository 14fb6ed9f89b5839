# Everything a person or a machine does with this checkout.

GOLANGCI := v2.15.0
RACE     := $(shell command -v gcc >/dev/null 2>&1 && echo -race)
GOFLAGS_BUILD := -trimpath -ldflags "-s -w -X main.version=$(shell git describe --tags --always --dirty 2>/dev/null || echo dev)"
BIN      := $(CURDIR)/bin

.PHONY: help demo build test tools lint bench generate screenshots voice soak-tv speed release compose-check

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## a living office in the browser, nothing else installed
	go run ./cmd/antrean demo

build: ## the binary, in bin/
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o $(BIN)/antrean ./cmd/antrean

test: tools ## all tests, against a real redis-server and a real browser
	go test $(RACE) -timeout 40m ./...

tools: ## what the tests need: Debian's redis-server, chromium and dbus, when missing
	@.ci/tools

lint: ## vet, golangci-lint with the dependency rules, generated files up to date
	@.ci/lint $(GOLANGCI)

bench: ## every benchmark once, as a smoke run
	go test -run '^$$' -bench . -benchtime 1x ./...

generate: ## bundle the pages' scripts and styles anew
	go generate ./...

screenshots: tools ## draw docs/screenshots anew from a running office
	go test -tags screenshots -run TestScreenshots -count 1 ./internal/browsertest

voice: ## record the hall's bundled words anew, with Debian's espeak-ng, flite and sox
	static/voice/make.sh

soak-tv: tools ## a television through 10,000 calls, 200 cuts and an update; takes a while
	ANTREAN_SOAK_CALLS=10000 go test -timeout 2h -run TestATelevisionLeftOpen -count 1 -v ./static

speed: tools ## how fast the pages are, on a machine that does nothing else
	go test -run 'TestAPressReachesThePixels|TestPhonePagesPassLighthouse' -count 1 -v ./internal/browsertest -quiet

release: ## archives for Linux, Windows and macOS with their checksums, in dist/
	go run ./.ci/release

compose-check: ## the compose file is well-formed
	ANTREAN_VAULT_KEY=- ANTREAN_ADMIN_PASSWORD=- docker-compose -f docker-compose.yml config --quiet
