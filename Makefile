# The two commands of the README under the names people try first.
.PHONY: run test

run:
	cargo xtask run

test:
	cargo xtask test
