#!/bin/bash
# The tests in Swift, built before. First those that live by sockets and clocks, by themselves: beside hours of simulated
# network, which take every core there is, their deadlines would say something of the machine and not of the program.
set -eu
cd "$(dirname "$0")/.."
live='^Earshot(Control|Discovery|Network|Node|Terminal|Web)Tests\.'
"${SWIFT:-swift}" test --skip-build --filter "$live"
"${SWIFT:-swift}" test --skip-build --skip "$live"
