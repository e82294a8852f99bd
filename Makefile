# Two commands matter: make run, make test. Each target is a line or two.

GO      ?= go
SEEDS   ?= 1000
FUZZTIME ?= 30s
export GOFLAGS := -buildvcs=false
export CGO_ENABLED ?= 1

.PHONY: build run test check race fuzz sim bench bench-fanout soak cross setup clean

build: ## the one program, in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/touchline ./cmd/touchline

run: build setup ## a small LAN on this machine: three nodes, a match, a cut, a heal, a page to open; Ctrl-C ends it
	bin/touchline demo --stay

test: setup check ## everything that must hold; a few minutes
	$(GO) test -timeout 25m ./...

check: ## form
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	cd bridge/bench && $(GO) vet ./... # a module of its own: it must not fall behind

race: ## the same tests under the race detector
	$(GO) test -race -timeout 25m ./...

fuzz: ## every parser, FUZZTIME each
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep '^Fuzz'); do \
	  echo "== $$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$p || exit 1; done; done

sim: ## seeded simulation of replicas, SEEDS seeds
	$(GO) test -timeout 60m -v -count 1 -run TestSim ./crdt/crdttest/sim -seeds $(SEEDS)
	$(GO) test -timeout 60m -run TestSchedules ./crdt/access -schedules $$((10 * $(SEEDS)))
	$(GO) test -timeout 60m -run TestWhoReads ./crdt/access -rapid.checks $$((10 * $(SEEDS)))

bench: bench-fanout setup ## ours beside its peers, taking turns in one run, as ratios; all figures in bin/bench.txt
	@{ $(GO) test -p 1 -run '^$$' -bench '^Benchmark(Admission|Append|Session|Greeting200Equal|IndexAppend)$$' -benchtime 2s -timeout 10m ./crdt ./crdt/recon ./node/badgerstore && \
	  $(GO) test -run '^$$' -bench '^Benchmark(Fold|Append|Late)$$' -benchmem -timeout 10m ./crdt/match && \
	  $(GO) test -run '^$$' -bench '^BenchmarkSeason$$' -benchmem -benchtime 5x -timeout 10m ./cmd/touchline && \
	  $(GO) test -run '^$$' -bench '^BenchmarkTap$$' -benchtime 150x -timeout 10m ./cmd/touchline && \
	  $(GO) test -run '^$$' -bench '^BenchmarkHeal$$' -benchtime 1x -timeout 10m ./node; } > bin/bench.txt || { cat bin/bench.txt; exit 1; }
	@grep -E '^(pkg:|Benchmark)' bin/bench.txt

bench-fanout: build ## live events to many browsers, beside socket.io, centrifuge and a bare hub; in bin/fanout.txt
	@npm --prefix bridge/bench/socketio ci --ignore-scripts --no-audit --no-fund --silent
	@cd bridge/bench && for p in bench:. bench-gorilla:./gorilla bench-centrifuge:./centrifuge; do \
	  $(GO) build -o ../../bin/$${p%:*} $${p#*:} || exit 1; done
	@cd bridge/bench && ulimit -n 20000 && ../../bin/bench -bin ../../bin | tee ../../bin/fanout.txt

soak: build setup ## long ones: partitions, kill -9, power cuts, fifty nodes
	TOUCHLINE_SOAK=1 $(GO) test -count 1 -timeout 120m ./node/... ./cmd/... ./crdt/...

cross: ## the systems it must build for, without cgo
	@for t in linux/arm64 windows/amd64 darwin/arm64; do echo $$t; \
	  CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) build -o /dev/null ./cmd/touchline || exit 1; done

setup: ## what tests and demonstration need besides Go: network namespaces, a disk to pull the plug on, browsers, npm packages
	@for c in ip:iproute2 nsenter:util-linux mkfs.ext4:e2fsprogs strace:strace nginx:nginx-light chromium:chromium firefox-esr:firefox-esr WebKitWebDriver:webkit2gtk-driver xvfb-run:xvfb xauth:xauth; do \
	  command -v $${c%:*} >/dev/null || lacks="$$lacks $${c#*:}"; done; [ -z "$$lacks" ] || [ "$$(id -u)" != 0 ] || \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$lacks >/dev/null; } || true
	@command -v npm >/dev/null && { [ bridge/web/node_modules/.package-lock.json -nt bridge/web/package-lock.json ] || \
	  npm --prefix bridge/web ci --ignore-scripts --no-audit --no-fund --silent; } || true

clean:
	rm -rf bin
